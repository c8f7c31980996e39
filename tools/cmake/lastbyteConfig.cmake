# Installed beside the library; read by find_package(lastbyte CONFIG).
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/lastbyteTargets.cmake)
