@echo off
rem Set up a till from this folder, without a network: double-click, or  install.cmd --root 0123456789abcdef
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1" %*
set CODE=%ERRORLEVEL%
if "%~1"=="" pause
exit /b %CODE%
