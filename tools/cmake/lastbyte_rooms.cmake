# What every room is built with, and the functions by which a room declares itself.

# The presets turn these into errors; a project that embeds lastbyte gets them as warnings.
add_library(lastbyte_warnings INTERFACE)
target_compile_options(lastbyte_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wzero-as-null-pointer-constant)

# What our own files see and users do not: the include root src/.
add_library(lastbyte_internal INTERFACE)
target_include_directories(lastbyte_internal INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
if(LASTBYTE_COVERAGE_MARKS)
  target_compile_definitions(lastbyte_internal INTERFACE LASTBYTE_COVERAGE_MARKS)
endif()
target_link_libraries(lastbyte_internal INTERFACE lastbyte_warnings Threads::Threads)

# What a message meets is spread over the objects of several rooms; optimised when they are linked, it takes a sixth
# fewer instructions. The objects are ordinary ones as well, for whoever links with another compiler, or with -fno-lto as
# the tests do.
option(LASTBYTE_LINK_TIME_OPTIMIZATION "Optimise the programs when they are linked (GCC)" OFF)
if(LASTBYTE_LINK_TIME_OPTIMIZATION)
  set(lastbyte_objects_options -flto=auto -ffat-lto-objects)
  set(lastbyte_program_options -flto=auto)
endif()

# The presets `asan` and `windows` compile eight files of a room as one (CMAKE_UNITY_BUILD), in two thirds of the time; so no
# two files of a room may give two things the same name. `release` compiles each file of the library and of the programs by
# itself, and so finds what it forgets to include.

# lastbyte_room(<name> SOURCES <file>... [LINKS <target>...])
# Compiles the room as the object library lastbyte_<name>. A room of headers only has none.
function(lastbyte_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;LINKS")
  if(NOT room_SOURCES)
    return()
  endif()
  add_library(lastbyte_${name} OBJECT ${room_SOURCES})
  target_link_libraries(lastbyte_${name} PUBLIC lastbyte_internal ${room_LINKS})
  if(name IN_LIST library_parts)
    target_compile_options(lastbyte_${name} PRIVATE ${lastbyte_objects_options})
  endif()
endfunction()

# lastbyte_program(<name> SOURCES <file>... [LINKS <target>...])
# Makes an executable at the top of the build folder and installs it.
function(lastbyte_program name)
  cmake_parse_arguments(PARSE_ARGV 1 program "" "" "SOURCES;LINKS")
  if(NOT program_SOURCES)
    return()
  endif()
  add_executable(${name} ${program_SOURCES})
  target_link_libraries(${name} PRIVATE lastbyte_internal ${program_LINKS})
  target_link_options(${name} PRIVATE ${lastbyte_program_options})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  install(TARGETS ${name})
endfunction()

# lastbyte_waits(<target>): says of a target that it waits more than it computes. Then what it costs to compile matters more
# than how fast it runs: it isn't optimised, and its files are compiled as one, since each alone would spend most of its
# time on the headers: so no two of them may give two things the same name.
function(lastbyte_waits target)
  target_compile_options(${target} PRIVATE -O0 -g1)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
endfunction()

# lastbyte_runs_once(<file>...): says of source files of this folder that their code runs once: reading a command line,
# writing a report. Not optimised, the libraries behind them (CLI11, JSON) take half of the time to compile.
function(lastbyte_runs_once)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -O0)
endfunction()
