# `cmake --install` and find_package(lastbyte CONFIG).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

if(NOT TARGET lastbyte)
  return()
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/lastbyte)

install(TARGETS lastbyte EXPORT lastbyteTargets
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/lastbyte DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp")
install(EXPORT lastbyteTargets NAMESPACE lastbyte:: DESTINATION ${package_folder})

write_basic_package_version_file(${PROJECT_BINARY_DIR}/lastbyteConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/lastbyteConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/tools/cmake/lastbyteConfig.cmake
  DESTINATION ${package_folder})
