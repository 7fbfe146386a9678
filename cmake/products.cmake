# The hosts, the library at both widths, the command, the examples and the benchmarks.

# -- Hosts: one per target, always ---------------------------------------------------------------------------------
add_custom_target(hosts)
farcall_sources(host_sources host)
if(host_sources)
  farcall_sources(host_sources host host/linux wire os/linux)
  file(GLOB invoke_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/abi/*.S")
  list(APPEND host_sources "${PROJECT_SOURCE_DIR}/src/base/change.c" "${PROJECT_SOURCE_DIR}/src/base/error.c"
    ${invoke_sources})
  foreach(target IN LISTS FARCALL_TARGETS)
    set(name host-${target})
    add_executable(${name} ${host_sources})
    farcall_flags(${name} ${target})
    farcall_trap_undefined(${name})
    target_compile_options(${name} PRIVATE -fno-pie)
    # _exit and its like: in front of libc's, so that a library which ends the process is named (src/host/linux/report.c).
    target_link_options(${name} PRIVATE -no-pie -Wl,-z,now
      -Wl,--export-dynamic-symbol=_exit -Wl,--export-dynamic-symbol=_Exit -Wl,--export-dynamic-symbol=quick_exit)
    # malloc and its family, likewise (src/host/linux/heap.c).
    foreach(symbol malloc free calloc realloc reallocarray memalign aligned_alloc posix_memalign valloc pvalloc
            malloc_usable_size)
      target_link_options(${name} PRIVATE -Wl,--export-dynamic-symbol=${symbol})
    endforeach()
    target_link_libraries(${name} PRIVATE dl pthread)
    set_target_properties(${name} PROPERTIES
      OUTPUT_NAME farcall-host
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/libexec/farcall/${target}")
    add_dependencies(hosts ${name})
  endforeach()
endif()

# -- The guardian of hosts for other systems: one for each width that a caller may have --------------------------------
farcall_sources(guardian_sources guardian os/linux)
foreach(target IN LISTS FARCALL_TARGETS)
  set(name guardian-${target})
  add_executable(${name} ${guardian_sources})
  farcall_flags(${name} ${target})
  farcall_trap_undefined(${name})
  target_link_libraries(${name} PRIVATE dl pthread)
  set_target_properties(${name} PROPERTIES
    OUTPUT_NAME farcall-guardian
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/libexec/farcall/${target}")
  add_dependencies(hosts ${name})
endforeach()

include(cmake/windows.cmake)

# -- libfarcall: shared and static from one set of objects, for the caller's width in lib/, for the other in lib/<target>/
farcall_sources(library_sources base os/linux image decl abi wire client gate)
foreach(target IN LISTS FARCALL_TARGETS)
  if(NOT target STREQUAL FARCALL_CALLER_TARGET AND FARCALL_SANITIZE)
    continue() # the other width is not under test
  endif()
  set(folder "${PROJECT_BINARY_DIR}/lib")
  if(NOT target STREQUAL FARCALL_CALLER_TARGET)
    string(APPEND folder "/${target}")
  endif()

  add_library(objects-${target} OBJECT ${library_sources})
  set_target_properties(objects-${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  add_library(shared-${target} SHARED $<TARGET_OBJECTS:objects-${target}>)
  set_target_properties(shared-${target} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  # nodelete: it has threads, and functions for when threads end, which a proxy's dlclose must not take away.
  target_link_options(shared-${target} PRIVATE -Wl,-z,now -Wl,-z,nodelete)
  if(NOT FARCALL_SANITIZE)
    target_link_options(shared-${target} PRIVATE -Wl,-z,defs)
  endif()
  add_library(static-${target} STATIC $<TARGET_OBJECTS:objects-${target}>)

  foreach(name shared-${target} static-${target})
    set_target_properties(${name} PROPERTIES
      OUTPUT_NAME farcall
      LINKER_LANGUAGE C
      LIBRARY_OUTPUT_DIRECTORY "${folder}"
      ARCHIVE_OUTPUT_DIRECTORY "${folder}")
    target_link_libraries(${name} PUBLIC dl pthread)
  endforeach()
  foreach(name objects-${target} shared-${target} static-${target})
    farcall_flags(${name} ${target})
    if(target STREQUAL FARCALL_CALLER_TARGET)
      farcall_sanitize(${name})
    endif()
  endforeach()
endforeach()

# A program of the caller's width: `linkage` is static (it may use what is internal) or shared (as a user's program does).
function(farcall_program name folder linkage)
  add_executable(${name} ${ARGN})
  farcall_flags(${name} ${FARCALL_CALLER_TARGET})
  farcall_sanitize(${name})
  target_link_libraries(${name} PRIVATE ${linkage}-${FARCALL_CALLER_TARGET} m)
  set_target_properties(${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${folder}")
  add_dependencies(${name} hosts)
endfunction()

# -- The command, with what only it uses ---------------------------------------------------------------------------
farcall_sources(cli_sources cli)
if(cli_sources)
  farcall_sources(cli_sources cli proxy gateway)
  farcall_program(farcall bin static ${cli_sources})
  # The static one, so that the command can be copied to where there is none.
  set(FARCALL_MULTIARCH_x86_64 x86_64-linux-gnu)
  set(FARCALL_MULTIARCH_i386 i386-linux-gnu)
  find_file(FARCALL_JANSSON libjansson.a PATHS "/usr/lib/${FARCALL_MULTIARCH_${FARCALL_CALLER}}" NO_DEFAULT_PATH)
  if(NOT FARCALL_JANSSON)
    message(FATAL_ERROR "libjansson.a for ${FARCALL_CALLER} is missing: run tools/setup.sh")
  endif()
  target_link_libraries(farcall PRIVATE "${FARCALL_JANSSON}")
endif()

# -- Examples, one program per file, and the benchmark ---------------------------------------------------------------
file(GLOB example_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/*.c")
# zlib's header serves both widths; Debian has the development package for one at a time, so the library is named itself.
find_library(FARCALL_ZLIB_x86_64 z)
find_file(FARCALL_ZLIB_i386 libz.so.1 PATHS /usr/lib/i386-linux-gnu NO_DEFAULT_PATH)
set(example_zlib_link "${FARCALL_ZLIB_${FARCALL_CALLER}}")
foreach(source IN LISTS example_sources)
  cmake_path(GET source STEM stem)
  if(stem STREQUAL "zlib" AND NOT example_zlib_link)
    message(WARNING "examples/zlib is not built: there is no zlib for ${FARCALL_CALLER}")
    continue()
  endif()
  farcall_program(example-${stem} examples shared "${source}")
  target_link_libraries(example-${stem} PRIVATE ${example_${stem}_link})
  set_target_properties(example-${stem} PROPERTIES OUTPUT_NAME ${stem})
endforeach()

# The libraries that the examples call: examples/libs/*.c at both widths.
file(GLOB examplelib_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/libs/*.c")
foreach(target IN LISTS FARCALL_TARGETS)
  foreach(source IN LISTS examplelib_sources)
    cmake_path(GET source STEM stem)
    set(name examplelib-${stem}-${target})
    add_library(${name} SHARED "${source}")
    target_compile_options(${name} PRIVATE ${FARCALL_WIDTH_${target}} -Wall -Wextra)
    target_link_options(${name} PRIVATE ${FARCALL_WIDTH_${target}})
    set_target_properties(${name} PROPERTIES
      OUTPUT_NAME ${stem}
      LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/examples/libs/${target}")
  endforeach()
endforeach()

# A sanitizer's times tell nothing, and its build has the library at one width only.
if(NOT FARCALL_SANITIZE)
  include("${PROJECT_SOURCE_DIR}/bench/bench.cmake" OPTIONAL)
endif()

# -- Libraries to be called by tests and benchmarks: each tests/libs/*.c at both widths -----------------------------
include("${PROJECT_SOURCE_DIR}/tests/options.cmake" OPTIONAL)
add_custom_target(testlibs)
file(GLOB testlib_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/libs/*.c")
foreach(target IN LISTS FARCALL_TARGETS)
  foreach(source IN LISTS testlib_sources)
    cmake_path(GET source STEM stem)
    set(name testlib-${stem}-${target})
    add_library(${name} SHARED "${source}")
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
    # As a vendor's library would be: no -msse2 at 32 bits, everything exported.
    target_compile_options(${name} PRIVATE
      ${FARCALL_WIDTH_${target}} $<$<STREQUAL:${target},i386-linux>:-march=i686>
      -Wall -Wextra $<$<BOOL:${FARCALL_WERROR}>:-Werror> ${lib_${stem}_compile})
    target_link_options(${name} PRIVATE ${FARCALL_WIDTH_${target}})
    target_link_libraries(${name} PRIVATE ${lib_${stem}_link} m dl pthread)
    foreach(needed IN LISTS lib_${stem}_needs)
      target_link_libraries(${name} PRIVATE testlib-${needed}-${target})
    endforeach()
    set_target_properties(${name} PROPERTIES
      OUTPUT_NAME ${stem}
      BUILD_WITH_INSTALL_RPATH ON
      INSTALL_RPATH "\$ORIGIN"
      LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/testlibs/${target}")
    add_dependencies(testlibs ${name})
  endforeach()
endforeach()
# And tests/windows/libs/*.c for Windows, with undecorated names, but for names.c.
file(GLOB windows_testlib_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/windows/libs/*.c")
foreach(target IN LISTS FARCALL_WINDOWS_TARGETS)
  foreach(source IN LISTS windows_testlib_sources)
    cmake_path(GET source STEM stem)
    set(name testlib-${stem}-${target})
    set(decorations -Wl,--kill-at)
    if(stem STREQUAL "names")
      set(decorations "")
    endif()
    farcall_windows_binary(${name} ${target} "${PROJECT_BINARY_DIR}/testlibs/${target}/${stem}.dll"
      SOURCES "${source}" FLAGS -std=gnu11 -O2 -Wall -Wextra LINK -shared ${decorations})
    if(TARGET ${name})
      add_dependencies(testlibs ${name})
    endif()
  endforeach()
endforeach()
include("${PROJECT_SOURCE_DIR}/tests/conformance/library.cmake")
