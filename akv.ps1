# AdaptiveKv: finds (or installs) the .NET 10 SDK, builds once, runs the command line. `./akv.ps1 test` runs the tests. The twin of ./akv.
$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
$out = Join-Path $root '.build/akv'
$sources = 'src', 'Directory.Build.props', 'Directory.Packages.props', 'MlPipeline.sln', 'global.json', 'akv.ps1' | ForEach-Object { Join-Path $root $_ }
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_SKIP_FIRST_TIME_EXPERIENCE = '1'
$onWindows = [System.IO.Path]::DirectorySeparatorChar -eq '\'
$muxer = if ($onWindows) { 'dotnet.exe' } else { 'dotnet' }
$own = Join-Path $HOME '.dotnet'

function Stop-Akv([int]$Code, [string]$Message) {
    [Console]::Error.WriteLine("error: $Message")
    exit $Code
}

function Test-Sdk([string]$Dotnet) {
    $Dotnet -and (Test-Path $Dotnet -PathType Leaf) -and ((& $Dotnet --list-sdks) -match '^10\.')
}

function Find-Dotnet {
    $onPath = (Get-Command dotnet -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1).Source
    $set = if ($env:DOTNET_ROOT) { Join-Path $env:DOTNET_ROOT $muxer } else { '' }
    foreach ($candidate in $onPath, $set, (Join-Path $own $muxer)) {
        if (Test-Sdk $candidate) { return $candidate }
    }

    $name = if ($onWindows) { 'dotnet-install.ps1' } else { 'dotnet-install.sh' }
    $url = "https://dot.net/v1/$name"
    $script = Join-Path $root ".build/$name"
    [Console]::Error.WriteLine("No .NET 10 SDK found (dotnet on the PATH, DOTNET_ROOT, ~/.dotnet): installing one into $own from $url ...")
    try {
        Invoke-WebRequest -Uri $url -OutFile $script -UseBasicParsing -TimeoutSec 20
    } catch {
        Stop-Akv 66 "$url cannot be reached. Install the .NET 10 SDK (https://dotnet.microsoft.com/download/dotnet/10.0), or set DOTNET_ROOT to a folder that holds one."
    }
    if ($onWindows) { & $script -Channel 10.0 -InstallDir $own -NoPath | Out-Host } else { & bash $script --channel 10.0 --install-dir $own --no-path | Out-Host }
    $installed = Join-Path $own $muxer
    if (-not (Test-Sdk $installed)) { Stop-Akv 66 "the installation of the .NET 10 SDK into $own did not succeed; its messages are above." }
    return $installed
}

# Whether the stamp exists and nothing in the paths (folders: removals too) is newer.
function Test-Fresh([string]$Stamp, [string[]]$Paths) {
    if (-not (Test-Path $Stamp)) { return $false }
    $built = (Get-Item $Stamp).LastWriteTimeUtc
    foreach ($path in $Paths) {
        $items = @(Get-Item $path) + @(if (Test-Path $path -PathType Container) { Get-ChildItem $path -Recurse -Force })
        if ($items | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1) { return $false }
    }
    return $true
}

function Read-Stamp {
    $current = Join-Path $out 'current'
    if (-not (Test-Path $current)) { return $false }
    $script:dotnet, $script:cli = Get-Content $current
    return (Test-Path $script:dotnet) -and (Test-Path (Join-Path $script:cli 'akv.dll'))
}

function Write-Stamp([string]$File, [datetime]$Time, [string[]]$Lines) {
    Set-Content "$File.$PID" $Lines
    (Get-Item "$File.$PID").LastWriteTimeUtc = $Time
    Move-Item "$File.$PID" $File -Force
}

# Builds unless the stamp is fresh; one build at a time. Sets $dotnet and $cli.
function Invoke-Build([string]$Project, [string]$Stamp, [string[]]$Paths) {
    if ((Test-Fresh $Stamp $Paths) -and (Read-Stamp)) { return }
    New-Item $out -ItemType Directory -Force | Out-Null
    $lock = $null
    for ($waiting = $false; -not $lock; $waiting = $true) {
        # FileShare.None: the system lets go of it when its holder ends.
        try { $lock = [System.IO.File]::Open((Join-Path $out 'lock'), 'OpenOrCreate', 'ReadWrite', 'None') } catch [System.IO.IOException] {
            if (-not $waiting) { [Console]::Error.WriteLine('Waiting for another build of this folder ...') }
            Start-Sleep -Milliseconds 200
        }
    }
    # Windows PowerShell takes a native program's first line on its error stream for an exception of ours.
    $ErrorActionPreference = 'Continue'
    try {
        if ((Test-Fresh $Stamp $Paths) -and (Read-Stamp)) { return }
        $script:dotnet = Find-Dotnet
        $log = Join-Path $root '.build/build.log'
        [Console]::Error.WriteLine("Building $(Split-Path $Project -Leaf) (Release) ...")
        $begin = [datetime]::UtcNow
        & $script:dotnet build -c Release (Join-Path $root $Project) -nologo -v quiet -nodeReuse:false -clp:NoSummary *> $log
        if ($LASTEXITCODE -ne 0) {
            Select-String -Path $log -Pattern '(error|warning) [A-Z]+[0-9]+' | Select-Object -First 20 | ForEach-Object { [Console]::Error.WriteLine($_.Line) }
            if (Select-String -Path $log -Pattern 'NU1301|Unable to load the service index' -Quiet) {
                Stop-Akv 74 'packages are missing and the package source cannot be reached. Build once with a network; after that no network is needed.'
            }
            Stop-Akv 1 "the build failed; the whole log is $log"
        }
        # The command line runs from a copy, so that a later build does not meet files in use.
        $script:cli = Join-Path $out "$($begin.ToString('yyyyMMddHHmmss')).$PID"
        Copy-Item (Join-Path $root '.build/bin/Cli/release') $script:cli -Recurse
        Get-ChildItem $out -Directory | Where-Object { $_.LastWriteTimeUtc -lt $begin.AddDays(-7) } | Remove-Item -Recurse -Force -ErrorAction SilentlyContinue
        Write-Stamp (Join-Path $out 'current') $begin @($script:dotnet, $script:cli)
        if ($Stamp -ne (Join-Path $out 'current')) { Write-Stamp $Stamp $begin @('') }
    } finally {
        $lock.Dispose()
    }
}

# The projects named first (all by default), with the runner's own filters.
function Invoke-Tests([string[]]$Arguments) {
    $ErrorActionPreference = 'Continue'
    Invoke-Build 'MlPipeline.sln' (Join-Path $out 'tests') ($sources + (Join-Path $root 'tests'))
    $names = @()
    while ($Arguments -and (Test-Path (Join-Path $root "tests/$($Arguments[0])/$($Arguments[0]).csproj"))) {
        $names += $Arguments[0]
        $Arguments = @($Arguments | Select-Object -Skip 1)
    }
    & $script:dotnet (Join-Path $script:cli 'akv.dll') setup | Out-Null
    if ($LASTEXITCODE -ne 0) { [Console]::Error.WriteLine('The tests that need tables are skipped.') }
    if (-not $names) { $names = @(Get-ChildItem (Join-Path $root 'tests/*/*.csproj') | ForEach-Object BaseName) }
    $passed = $failed = $skipped = 0
    $skips = @()
    foreach ($name in $names) {
        $test = $null
        $reported = $false
        $before = $failed
        & $script:dotnet (Join-Path $root ".build/bin/$name/release/AdaptiveKv.$name.dll") -noLogo -noColor -noAutoReporters @Arguments 2>&1 | ForEach-Object {
            $line = "$_"
            if ($line -match '^  (Discovering|Discovered|Starting|Finished): |^=== TEST EXECUTION SUMMARY ===$') { return }
            if ($line -match '^    (?:AdaptiveKv\.\w+\.)?(\S.*) \[SKIP\]$') { $test = $Matches[1]; return }
            if ($test) { $skips += [pscustomobject]@{ Reason = $line.Trim(); Test = $test }; $test = $null; return }
            if ($line -match '^   AdaptiveKv\.\w+ +Total: (\d+)(?:, Errors: (\d+), Failed: (\d+), Skipped: (\d+), Not Run: (\d+))?') {
                $reported = $true
                $passed += [int]$Matches[1] - [int]$Matches[3] - [int]$Matches[4] - [int]$Matches[5]
                $failed += [int]$Matches[2] + [int]$Matches[3]
                $skipped += [int]$Matches[4]
                Write-Output "${name}: $($Matches[1]) tests"
                return
            }
            Write-Output $line
        }
        if (-not $reported -or ($LASTEXITCODE -ne 0 -and $failed -eq $before)) {
            [Console]::Error.WriteLine("$name ended with code $LASTEXITCODE and reported no failure")
            $failed++
        }
    }
    foreach ($group in $skips | Group-Object Reason) {
        Write-Output "$($group.Count) skipped: $($group.Name)"
        $group.Group | ForEach-Object { Write-Output "    $($_.Test)" }
    }
    Write-Output "$passed passed, $failed failed, $skipped skipped"
    exit [int]($failed -gt 0)
}

$shared = Join-Path (Split-Path $root -Parent) 'shared'
if (-not $env:AKV_SHARED -and (Test-Path $shared)) { $env:AKV_SHARED = $shared }

# PowerShell makes a list of an unquoted a,b; the command line wants it as it was typed.
$arguments = @($args | ForEach-Object { $_ -join ',' })
if ($arguments.Count -gt 0 -and $arguments[0] -eq 'test') {
    Invoke-Tests @($arguments | Select-Object -Skip 1)
} else {
    Invoke-Build 'src/Cli/Cli.csproj' (Join-Path $out 'current') $sources
    & $script:dotnet (Join-Path $script:cli 'akv.dll') @arguments
    exit $LASTEXITCODE
}
