/* Instead of the Windows SDK's, on a system that has none: farcall knows the names of windows.h (docs/windows.md). */
