# Targets (in farcall's sense: ABIs) and the compiler and linker options of each.

set(FARCALL_TARGETS i386-linux x86_64-linux)
set(FARCALL_CALLER_TARGET ${FARCALL_CALLER}-linux)
set(FARCALL_OTHER_TARGETS ${FARCALL_TARGETS})
list(REMOVE_ITEM FARCALL_OTHER_TARGETS ${FARCALL_CALLER_TARGET})

set(FARCALL_WIDTH_i386-linux -m32)
set(FARCALL_WIDTH_x86_64-linux -m64)
# -Wno-psabi: a note about a layout that no compiler older than GCC 11 may share with this one.
set(FARCALL_MACHINE_i386-linux -march=i686 -msse2 -Wno-psabi)
set(FARCALL_MACHINE_x86_64-linux "")

set(FARCALL_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes)
if(FARCALL_WERROR)
  list(APPEND FARCALL_WARNINGS -Werror)
endif()

# Sources of folders below src/. A folder that does not exist or is empty gives none, and adding a file needs no edit.
function(farcall_sources ret_sources)
  set(found "")
  foreach(folder IN LISTS ARGN)
    file(GLOB here CONFIGURE_DEPENDS
         "${PROJECT_SOURCE_DIR}/src/${folder}/*.c" "${PROJECT_SOURCE_DIR}/src/${folder}/*.S")
    list(APPEND found ${here})
  endforeach()
  set(${ret_sources} "${found}" PARENT_SCOPE)
endfunction()

# What every program and library of ours is built with, for one target.
function(farcall_flags name target)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
  target_compile_definitions(${name} PRIVATE _GNU_SOURCE _FILE_OFFSET_BITS=64 FARCALL_VERSION="${PROJECT_VERSION}")
  target_compile_options(${name} PRIVATE
    ${FARCALL_WIDTH_${target}} ${FARCALL_MACHINE_${target}}
    $<$<COMPILE_LANGUAGE:C>:${FARCALL_WARNINGS}>
    $<$<COMPILE_LANGUAGE:C>:-fvisibility=hidden>
    $<$<COMPILE_LANGUAGE:C>:-fno-semantic-interposition>
    $<$<COMPILE_LANGUAGE:ASM>:-Wa,--noexecstack>)
  target_link_options(${name} PRIVATE ${FARCALL_WIDTH_${target}})
endfunction()

# Sanitizers: for the caller's side only. The x86_64 host reserves all memory above 4 GiB, where shadow memory would lie.
function(farcall_sanitize name)
  if(FARCALL_SANITIZE)
    target_compile_options(${name} PRIVATE
      -fsanitize=${FARCALL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${name} PRIVATE -fsanitize=${FARCALL_SANITIZE})
  endif()
endfunction()

# The part of undefined-behaviour checking that needs no run-time library.
function(farcall_trap_undefined name)
  if(FARCALL_SANITIZE MATCHES "undefined")
    target_compile_options(${name} PRIVATE
      $<$<COMPILE_LANGUAGE:C>:-fsanitize=undefined> $<$<COMPILE_LANGUAGE:C>:-fsanitize-undefined-trap-on-error>)
  endif()
endfunction()
