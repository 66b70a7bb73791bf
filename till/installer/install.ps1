# Finds a Python, or installs the one on the stick for this account, and starts the installer. A Python installer is run only where
# Windows says that the Python Software Foundation signed it: the stick itself is not believed before it was checked.
$ErrorActionPreference = 'Stop'
$here = $PSScriptRoot
$which = 'import sys, venv; sys.version_info < (3, 11) and sys.exit(1); print(sys.version_info[1])'

function Find-Python {
    $known = @(Get-ChildItem "$env:LOCALAPPDATA\Programs\Python\Python3*\python.exe" -ErrorAction SilentlyContinue |
        ForEach-Object { $_.FullName })
    foreach ($one in $known + @('py', 'python')) {
        if (-not (Get-Command $one -ErrorAction SilentlyContinue)) { continue }
        try { $minor = & $one -c $which 2>$null } catch { continue }
        if ($LASTEXITCODE -ne 0) { continue }
        # Some wheels are for one Python alone: it must be one that this stick has them for.
        $tag = "cp3$minor"
        if ((Test-Path "$here\wheels\*-cp3*-cp3*-*") -and -not (Test-Path "$here\wheels\*-$tag-$tag-*")) { continue }
        return $one
    }
}

$python = Find-Python
if (-not $python) {
    $setup = Get-ChildItem "$here\python\python-3*.exe" -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $setup) {
        Write-Error 'No Python 3.11 or newer for which this stick was made, and none on it.'
    }
    $signed = Get-AuthenticodeSignature $setup.FullName
    if ($signed.Status -ne 'Valid' -or $signed.SignerCertificate.Subject -notmatch 'CN=Python Software Foundation') {
        Write-Error "$($setup.Name) is not signed by the Python Software Foundation."
    }
    Start-Process -Wait $setup.FullName '/quiet InstallAllUsers=0 Include_test=0 Include_launcher=0 PrependPath=0'
    $python = Find-Python
    if (-not $python) { Write-Error "$($setup.Name) was not installed." }
}
$env:PYTHONPATH = "$here\installer"
Set-Location $env:SystemRoot
& $python -B -s -P -m till.installer.install $here @args
exit $LASTEXITCODE
