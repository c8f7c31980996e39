# Headers of other projects, each as one target; system headers, so that our warnings stay ours.
#
#   lastbyte_spdlog   logging; for service/ and load/ only, in few files (4 s and 500 MB for each)
#   lastbyte_cli11    command line
#   lastbyte_json     reports
#   lastbyte_catch2   tests
#   lastbyte_uring    io_uring's system calls; for port/uring/ only, on Linux only
#
# All but the last are header-only: the same code on Linux and Windows, and sanitizers see into it.

foreach(name spdlog cli11 json catch2)
  add_library(lastbyte_${name} INTERFACE)
endforeach()

find_package(Threads REQUIRED)

if(CMAKE_CROSSCOMPILING)
  # /usr/include must not be on the path of a cross compiler, since the C library's headers lie there
  # too. So a folder of links to exactly what is needed stands in for it.
  set(LASTBYTE_HOST_INCLUDE /usr/include CACHE PATH "Where the header-only libraries are installed")
  set(staging ${PROJECT_BINARY_DIR}/host-include)
  file(MAKE_DIRECTORY ${staging})
  foreach(folder spdlog fmt CLI nlohmann catch2)
    if(NOT EXISTS ${LASTBYTE_HOST_INCLUDE}/${folder})
      message(FATAL_ERROR
        "${LASTBYTE_HOST_INCLUDE}/${folder} is missing; run tools/install-dependencies test")
    endif()
    file(CREATE_LINK ${LASTBYTE_HOST_INCLUDE}/${folder} ${staging}/${folder} SYMBOLIC)
  endforeach()
  foreach(name spdlog cli11 json catch2)
    target_include_directories(lastbyte_${name} SYSTEM INTERFACE ${staging})
  endforeach()
  target_compile_definitions(lastbyte_spdlog INTERFACE
    SPDLOG_HEADER_ONLY SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
else()
  include(${CMAKE_CURRENT_LIST_DIR}/lastbyte_uring.cmake)
  find_package(spdlog REQUIRED)
  target_link_libraries(lastbyte_spdlog INTERFACE spdlog::spdlog_header_only)
  find_package(CLI11 REQUIRED)
  target_link_libraries(lastbyte_cli11 INTERFACE CLI11::CLI11)
  find_package(nlohmann_json REQUIRED)
  target_link_libraries(lastbyte_json INTERFACE nlohmann_json::nlohmann_json)
  if(LASTBYTE_BUILD_TESTS)
    find_package(Catch2 REQUIRED)
    target_link_libraries(lastbyte_catch2 INTERFACE Catch2::Catch2)
  endif()
endif()
target_link_libraries(lastbyte_spdlog INTERFACE Threads::Threads)
