@echo off
rem Starts the version of Till that "current" names. The first start of a version is a trial: where it cannot start, or cannot open
rem the journal, the version before comes back by itself. Nothing in here depends on the version.
setlocal
rem What is written to files and pipes is UTF-8 here too, not code page 936.
set PYTHONUTF8=1
set PYTHONPATH=
set PYTHONHOME=
set "HERE=%~dp0"
set /p VERSION=<"%HERE%current"
if not exist "%HERE%trial" goto start
"%HERE%versions\%VERSION%\Scripts\python.exe" -P -m till.probe --trial "%HERE%trial" >nul
if errorlevel 1 goto back
del "%HERE%trial"
goto start
:back
if not exist "%HERE%former" goto start
set /p FORMER=<"%HERE%former"
echo Till %VERSION% does not start: back to %FORMER%. 1>&2
copy /y "%HERE%former" "%HERE%current.new" >nul && move /y "%HERE%current.new" "%HERE%current" >nul && del "%HERE%trial"
set /p VERSION=<"%HERE%current"
:start
"%HERE%versions\%VERSION%\Scripts\python.exe" -P -m till %*
exit /b %ERRORLEVEL%
