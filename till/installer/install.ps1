# Finds a Python, or installs the one on the stick for this account, and starts the installer. A Python installer is run only where
# Windows says that the Python Software Foundation signed it: the stick itself is not believed before it was checked.
$ErrorActionPreference = 'Stop'
$here = $PSScriptRoot
$test = 'import sys, venv; sys.exit(sys.version_info < (3, 11))'

function Find-Python {
    $known = @(Get-ChildItem "$env:LOCALAPPDATA\Programs\Python\Python3*\python.exe" -ErrorAction SilentlyContinue |
        ForEach-Object { $_.FullName })
    foreach ($one in $known + @('py', 'python')) {
        if (-not (Get-Command $one -ErrorAction SilentlyContinue)) { continue }
        try { & $one -c $test 2>$null } catch { continue }
        if ($LASTEXITCODE -eq 0) { return $one }
    }
}

$python = Find-Python
if (-not $python) {
    $setup = Get-ChildItem "$here\python\python-3*.exe" -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $setup) {
        Write-Error 'Python 3.11 or newer is needed, and none is on this stick.'
    }
    $signed = Get-AuthenticodeSignature $setup.FullName
    if ($signed.Status -ne 'Valid' -or $signed.SignerCertificate.Subject -notmatch 'CN=Python Software Foundation') {
        Write-Error "$($setup.Name) is not signed by the Python Software Foundation."
    }
    Start-Process -Wait $setup.FullName '/quiet InstallAllUsers=0 Include_test=0 Include_launcher=0 PrependPath=0'
    $python = Find-Python
}
$env:PYTHONPATH = "$here\installer"
Set-Location $env:SystemRoot
& $python -B -s -P -m till.installer.install $here @args
exit $LASTEXITCODE
