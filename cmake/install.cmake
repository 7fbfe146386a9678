# The installation. Its layout is fixed, because the library finds its hosts relative to itself and the whole folder
# may be copied anywhere.

if(TARGET farcall)
  install(TARGETS farcall RUNTIME DESTINATION bin)
  install(CODE "file(CREATE_LINK farcall \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/bin/corflags\" SYMBOLIC)")
endif()

foreach(target IN LISTS FARCALL_TARGETS)
  if(TARGET host-${target})
    install(TARGETS host-${target} guardian-${target} RUNTIME DESTINATION libexec/farcall/${target})
  endif()
  if(TARGET shared-${target})
    set(folder lib)
    set(FARCALL_PC_PREFIX "../..")
    if(NOT target STREQUAL FARCALL_CALLER_TARGET)
      set(folder lib/${target})
      set(FARCALL_PC_PREFIX "../../..")
    endif()
    install(TARGETS shared-${target} static-${target} LIBRARY DESTINATION ${folder} ARCHIVE DESTINATION ${folder})
    configure_file(cmake/farcall.pc.in "${PROJECT_BINARY_DIR}/${folder}/pkgconfig/farcall.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${folder}/pkgconfig/farcall.pc" DESTINATION ${folder}/pkgconfig)
  endif()
endforeach()

foreach(target IN LISTS FARCALL_WINDOWS_TARGETS)
  if(TARGET host-${target})
    install(PROGRAMS "${PROJECT_BINARY_DIR}/libexec/farcall/${target}/farcall-host.exe"
            DESTINATION libexec/farcall/${target})
  endif()
endforeach()

install(DIRECTORY include/farcall DESTINATION include FILES_MATCHING PATTERN "*.h")
install(DIRECTORY docs/ DESTINATION share/doc/farcall/docs OPTIONAL FILES_MATCHING PATTERN "*.md" PATTERN "man" EXCLUDE)
install(FILES README.md LICENSE CHANGELOG.md DESTINATION share/doc/farcall OPTIONAL)
install(DIRECTORY docs/man/ DESTINATION share/man/man1 OPTIONAL FILES_MATCHING PATTERN "*.1")
install(DIRECTORY share/farcall/sidecars/ DESTINATION share/farcall/sidecars FILES_MATCHING PATTERN "*.h")
install(DIRECTORY share/farcall/windows/ DESTINATION share/farcall/windows FILES_MATCHING PATTERN "*.h")
install(DIRECTORY examples/ DESTINATION share/farcall/examples OPTIONAL)
