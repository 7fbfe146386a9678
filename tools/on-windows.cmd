@echo off
rem What of the hosts for Windows libraries works on this Windows, in both bitnesses. Build the project, copy the folder
rem build\release\on-windows to a Windows, and run this there: no Wine, no caller and nothing else is needed.
setlocal
set failed=0
for %%t in (i386-windows x86_64-windows) do call :check %%t
if %failed%==0 (echo all is well) else (echo something failed)
exit /b %failed%

:check
echo %1
pushd "%~dp0%1"
on-windows.exe
if errorlevel 1 set failed=1
popd
goto :eof
