# liburing, linked statically where there is a static library: then it becomes a part of our own library, and
# neither who links that nor who runs lastbyted needs it. Otherwise both need the shared one.
#
#   lastbyte_uring          to compile and link with
#   lastbyte_uring_objects  what our library takes in; empty if there is only the shared one

find_path(LASTBYTE_URING_INCLUDE liburing.h)
find_library(LASTBYTE_URING_LIBRARY NAMES liburing.a uring)
if(NOT LASTBYTE_URING_INCLUDE OR NOT LASTBYTE_URING_LIBRARY)
  message(FATAL_ERROR "liburing is missing; run tools/install-dependencies build")
endif()

add_library(lastbyte_uring INTERFACE)
target_include_directories(lastbyte_uring SYSTEM INTERFACE ${LASTBYTE_URING_INCLUDE})
target_link_libraries(lastbyte_uring INTERFACE ${LASTBYTE_URING_LIBRARY})

set(lastbyte_uring_objects "")
if(LASTBYTE_URING_LIBRARY MATCHES "\\.a$")
  set(folder ${PROJECT_BINARY_DIR}/liburing)
  file(MAKE_DIRECTORY ${folder})
  # o: with the dates that they have there, or everything would be linked anew after each configuring.
  execute_process(COMMAND ${CMAKE_AR} xo ${LASTBYTE_URING_LIBRARY}
    WORKING_DIRECTORY ${folder} COMMAND_ERROR_IS_FATAL ANY)
  # Debian's are called .ol.
  file(GLOB lastbyte_uring_objects ${folder}/*.o ${folder}/*.ol)
endif()
