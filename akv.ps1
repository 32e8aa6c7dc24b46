# AdaptiveKv: finds (or installs) the .NET 10 SDK, builds once, runs the command line. `./akv.ps1 test` runs the tests. The twin of ./akv.
$ErrorActionPreference = 'Stop'
# The script may be a link, to a link.
$self = $PSCommandPath
for ($item = Get-Item -LiteralPath $self -Force; $item.LinkType -eq 'SymbolicLink'; $item = Get-Item -LiteralPath $self -Force) {
    $self = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($self), @($item.Target)[0]))
}
$root = [System.IO.Path]::GetDirectoryName($self)
$out = [System.IO.Path]::Combine($root, '.build', 'akv')
$current = [System.IO.Path]::Combine($out, 'current.ps')
$sources = 'src', 'assets/controllers', '.editorconfig', 'Directory.Build.props', 'Directory.Build.targets', 'Directory.Packages.props', 'MlPipeline.sln', 'global.json'
$env:DOTNET_NOLOGO = '1'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_SKIP_FIRST_TIME_EXPERIENCE = '1'
$onWindows = [System.IO.Path]::DirectorySeparatorChar -eq '\'
$muxer = if ($onWindows) { 'dotnet.exe' } else { 'dotnet' }
$homeFolder = if ($env:DOTNET_CLI_HOME) { $env:DOTNET_CLI_HOME } elseif ($onWindows) { $env:USERPROFILE } else { $env:HOME }
$own = if ($homeFolder) { [System.IO.Path]::Combine($homeFolder, '.dotnet') } else { '' }

function Write-Note([string]$Line) { [Console]::Error.WriteLine($Line) }

function Stop-Akv([int]$Code, [string]$Message) {
    Write-Note "error: $Message"
    exit $Code
}

function Test-Sdk([string]$Dotnet) {
    $Dotnet -and [System.IO.File]::Exists($Dotnet) -and ((& $Dotnet --list-sdks) -match '^10\.')
}

function Find-Dotnet {
    $onPath = (Get-Command dotnet -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1).Source
    $set = if ($env:DOTNET_ROOT) { [System.IO.Path]::Combine($env:DOTNET_ROOT, $muxer) } else { '' }
    $installed = if ($own) { [System.IO.Path]::Combine($own, $muxer) } else { '' }
    foreach ($candidate in $onPath, $set, $installed) {
        if (Test-Sdk $candidate) { return $candidate }
    }

    $name = if ($onWindows) { 'dotnet-install.ps1' } else { 'dotnet-install.sh' }
    $url = "https://dot.net/v1/$name"
    $script = [System.IO.Path]::Combine($out, $name)
    Write-Note "No .NET 10 SDK found (dotnet on the PATH, DOTNET_ROOT, ~/.dotnet): installing one into $own from $url ..."
    try {
        Invoke-WebRequest -Uri $url -OutFile $script -UseBasicParsing -TimeoutSec 20
    } catch {
        Stop-Akv 66 "$url cannot be reached. Install the .NET 10 SDK (https://dotnet.microsoft.com/download/dotnet/10.0), or set DOTNET_ROOT to a folder that holds one."
    }
    if ($onWindows) { & $script -Channel 10.0 -InstallDir $own -NoPath | Out-Host } else { & bash $script --channel 10.0 --install-dir $own --no-path | Out-Host }
    if (-not (Test-Sdk $installed)) { Stop-Akv 66 "the installation of the .NET 10 SDK into $own did not succeed; its messages are above." }
    return $installed
}

# A word for the names and contents below the paths. Times would not do: clocks are wrong, and older files come back.
function Get-Fingerprint([string[]]$Paths) {
    $hash = [System.Security.Cryptography.SHA256]::Create()
    $lines = foreach ($path in $Paths) {
        $full = [System.IO.Path]::Combine($root, $path)
        $files = if ([System.IO.Directory]::Exists($full)) { [System.IO.Directory]::GetFiles($full, '*', 'AllDirectories') } elseif ([System.IO.File]::Exists($full)) { $full } else { @() }
        foreach ($file in $files) {
            if (-not ($file.EndsWith('.swp') -or $file.EndsWith('~'))) { $file.Substring($root.Length) + ' ' + [BitConverter]::ToString($hash.ComputeHash([System.IO.File]::ReadAllBytes($file))) }
        }
    }
    $sorted = [string[]]@($lines)
    [Array]::Sort($sorted, [StringComparer]::Ordinal)
    return [BitConverter]::ToString($hash.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($sorted -join "`n")))
}

# Whether the stamp has that fingerprint and what was built is there; sets $dotnet and $cli, and keeps others from removing that copy: the handle
# is open as long as this process.
function Test-Built([string]$Stamp, [string]$Word) {
    try {
        if ([System.IO.File]::ReadAllLines($Stamp)[0] -ne $Word) { return $false }
        $lines = [System.IO.File]::ReadAllLines($current)
        $copy = [System.IO.Path]::Combine($out, $lines[2])
        $script:holder = [System.IO.File]::Open([System.IO.Path]::Combine($copy, 'akv.dll'), 'Open', 'Read', 'Read')
        $script:dotnet = if ([System.IO.File]::Exists($lines[1])) { $lines[1] } else { Find-Dotnet }
        $script:cli = $copy
        return [System.IO.File]::Exists([System.IO.Path]::Combine($copy, 'akv.dll'))
    } catch [System.IO.IOException] { return $false } catch [System.Management.Automation.MethodInvocationException] { return $false }
}

function Test-Writable([string]$Folder) {
    try {
        [System.IO.File]::Create([System.IO.Path]::Combine($Folder, ".akv.$PID"), 1, 'DeleteOnClose').Dispose()
        return $true
    } catch { return $false }
}

# Refuses to build where it cannot succeed.
function Assert-Place {
    $fault = if ($root -match '[\x00-\x1f]') { 'a control character' }
        elseif ($root -match '%[0-9A-Fa-f]{2}') { "'%' before two hexadecimal digits" }
        elseif ($root.Contains('@(')) { "'@('" }
        elseif (-not $onWindows -and $root -match '[*?"|\\:]') { 'one of * ? " | \ :' }
    if ($fault) { Stop-Akv 2 "$($root -replace '[\x00-\x1f]', '?'): the path of this checkout has $fault, which MSBuild takes for something else: move it to another folder." }
    try { [System.IO.Directory]::CreateDirectory($out) | Out-Null } catch { }
    if (-not (Test-Writable $out)) { Stop-Akv 74 "$root is not built as it is, and cannot be written: run ./akv.ps1 --help once where it can." }
    $variable = if ($onWindows) { 'USERPROFILE' } else { 'HOME' }
    if (-not ($homeFolder -and [System.IO.Path]::IsPathRooted($homeFolder))) { Stop-Akv 2 "$variable is '$homeFolder', and a build keeps packages in a home folder: set $variable (or DOTNET_CLI_HOME) to the full path of one." }
    if (-not (Test-Writable $homeFolder)) { Stop-Akv 2 "the home folder $homeFolder is not there or cannot be written, and a build keeps packages there: set $variable (or DOTNET_CLI_HOME)." }
}

function Write-Stamp([string]$File, [string[]]$Lines) {
    [System.IO.File]::Delete("$File.$PID")
    [System.IO.File]::WriteAllLines("$File.$PID", $Lines)
    Move-Item -LiteralPath "$File.$PID" -Destination $File -Force
}

# Removes the copies of earlier builds, but for those that a process runs from.
function Remove-OldCopies {
    foreach ($copy in [System.IO.Directory]::GetDirectories($out)) {
        if ($copy -eq $script:cli) { continue }
        try {
            # FileShare.None is refused where another holder or, on Windows, a process has the file open.
            $file = [System.IO.File]::Open([System.IO.Path]::Combine($copy, 'akv.dll'), 'Open', 'Read', 'None')
            if ($onWindows) { $file.Dispose() }
            [System.IO.Directory]::Delete($copy, $true)
            $file.Dispose()
        } catch { }
    }
}

# Builds a project, or ends with what is wrong.
function Invoke-Compiler([string]$Project) {
    # As in Invoke-Build.
    $ErrorActionPreference = 'Continue'
    $log = [System.IO.Path]::Combine($root, '.build', 'build.log')
    Push-Location -LiteralPath $root
    # The command line's first build leaves the code's analyzers out, a quarter of its time: what was committed has passed them.
    $analyzers = $Project -ne 'src/Cli/Cli.csproj' -or (Test-Path -LiteralPath ([System.IO.Path]::Combine($root, '.build', 'bin', 'Cli')))
    $lines = & $script:dotnet build -c Release $Project "-p:RunAnalyzers=$analyzers" -nologo -v quiet -nodeReuse:false -clp:NoSummary 2>&1 | ForEach-Object { "$_" }
    $code = $LASTEXITCODE
    Pop-Location
    # A link that lies there goes, and what it leads to stays.
    [System.IO.File]::Delete($log)
    [System.IO.File]::WriteAllLines($log, [string[]]@($lines))
    if ($code -ne 0) {
        $lines | Where-Object { $_ -match '(error|warning) [A-Z]+[0-9]+' } | Sort-Object -Unique | Select-Object -First 20 | ForEach-Object { Write-Note $_ }
        if ($lines -match 'NU1301|Unable to load the service index') {
            Stop-Akv 74 "packages are missing and their source cannot be reached ($(@($lines | Select-String 'https?://[^ ,]+')[0].Matches[0].Value)). Build once with a network; after that no network is needed."
        }
        Stop-Akv 1 "the build failed; the whole log is $log"
    }
}

# Builds unless the stamp has the fingerprint of the paths; one build at a time. Sets $dotnet and $cli.
function Invoke-Build([string]$Project, [string]$Stamp, [string[]]$Paths) {
    $word = Get-Fingerprint $Paths
    if (Test-Built $Stamp $word) { return }
    Assert-Place
    $lock = $null
    if ((Get-Item -LiteralPath ([System.IO.Path]::Combine($out, 'lock')) -Force -ErrorAction SilentlyContinue).LinkType -eq 'SymbolicLink') { [System.IO.File]::Delete([System.IO.Path]::Combine($out, 'lock')) }
    for ($waiting = $false; -not $lock; $waiting = $true) {
        # FileShare.None: the system lets go of it when its holder ends.
        try { $lock = [System.IO.File]::Open([System.IO.Path]::Combine($out, 'lock'), 'OpenOrCreate', 'ReadWrite', 'None') } catch [System.IO.IOException] {
            if (-not $waiting) { Write-Note 'Waiting for another build of this folder ...' }
            Start-Sleep -Milliseconds 200
        }
    }
    # Windows PowerShell takes a native program's first line on its error stream for an exception of ours.
    $ErrorActionPreference = 'Continue'
    try {
        if (Test-Built $Stamp $word) { return }
        $script:dotnet = Find-Dotnet
        Write-Note "Building $($Project -replace '.*/') (Release) ..."
        $packages = if ($env:NUGET_PACKAGES) { $env:NUGET_PACKAGES } else { [System.IO.Path]::Combine($homeFolder, '.nuget', 'packages') }
        if (-not [System.IO.Directory]::Exists([System.IO.Path]::Combine($packages, 'torchsharp'))) { Write-Note "Its packages come first, once, into ${packages}: up to 190 MB, 128 of them libtorch for training ..." }
        # What is edited meanwhile counts as changed afterwards. global.json is looked up from where one is.
        $word = Get-Fingerprint $Paths
        $own = Get-Fingerprint $sources
        Invoke-Compiler $Project
        # The command line runs from a copy, so that a later build does not meet files in use.
        $name = "$([datetime]::UtcNow.ToString('yyyyMMddHHmmss')).$PID"
        Copy-Item -LiteralPath ([System.IO.Path]::Combine($root, '.build', 'bin', 'Cli', 'release')) -Destination ([System.IO.Path]::Combine($out, $name)) -Recurse
        Write-Stamp $current @($own, $script:dotnet, $name)
        if ($Stamp -ne $current) { Write-Stamp $Stamp @($word) }
        if (-not (Test-Built $Stamp $word)) { Stop-Akv 74 "$out is not what was just built: run the same command again." }
        Remove-OldCopies
    } finally {
        $lock.Dispose()
    }
}

# The program of 'akv export --format mlnet', once after every change; the command line finds it by AKV_EXPORT.
function Invoke-ExportBuild {
    $stamp = [System.IO.Path]::Combine($out, 'export.ps')
    $env:AKV_EXPORT = [System.IO.Path]::Combine($root, '.build', 'bin', 'Export', 'release', 'AdaptiveKv.Export.dll')
    $word = Get-Fingerprint 'src/Export', 'Directory.Build.props', 'Directory.Build.targets', 'Directory.Packages.props', 'global.json'
    if ([System.IO.File]::Exists($stamp) -and [System.IO.File]::ReadAllLines($stamp)[0] -eq $word -and [System.IO.File]::Exists($env:AKV_EXPORT)) { return }
    Assert-Place
    Write-Note 'Building Export.csproj (Release) ...'
    $packages = if ($env:NUGET_PACKAGES) { $env:NUGET_PACKAGES } else { [System.IO.Path]::Combine($homeFolder, '.nuget', 'packages') }
    if (-not [System.IO.Directory]::Exists([System.IO.Path]::Combine($packages, 'microsoft.ml.onnxruntime'))) { Write-Note 'ONNX Runtime comes first, once: 160 MB of packages, 400 MB on disk ...' }
    Invoke-Compiler 'src/Export/Export.csproj'
    Write-Stamp $stamp @($word)
}

# The projects named first (all by default), with the runner's own filters.
function Invoke-Tests([string[]]$Arguments) {
    $ErrorActionPreference = 'Continue'
    $known = @([System.IO.Directory]::GetDirectories([System.IO.Path]::Combine($root, 'tests')) | ForEach-Object { [System.IO.Path]::GetFileName($_) } |
        Where-Object { [System.IO.File]::Exists([System.IO.Path]::Combine($root, 'tests', $_, "$_.csproj")) })
    $names = @()
    while ($Arguments -and -not $Arguments[0].StartsWith('-')) {
        if ($known -cnotcontains $Arguments[0]) { Stop-Akv 2 "there is no test project '$($Arguments[0])': the projects are $known; filters follow them (./akv.ps1 test --help)." }
        $names += $Arguments[0]
        $Arguments = @($Arguments | Select-Object -Skip 1)
    }
    if (-not $names) { $names = $known }
    Invoke-Build 'MlPipeline.sln' ([System.IO.Path]::Combine($out, 'tests.ps')) ($sources + @('tests', 'benchmarks/kernels'))
    $passed = $failed = $skipped = 0
    $skips = @()
    foreach ($name in $names) {
        $test = $null
        $reported = $false
        $before = $failed
        & $script:dotnet ([System.IO.Path]::Combine($root, '.build', 'bin', $name, 'release', "AdaptiveKv.$name.dll")) -noLogo -noColor -noAutoReporters @Arguments 2>&1 | ForEach-Object {
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
    if ($passed + $failed + $skipped -eq 0) { Write-Note 'error: no test matches: ./akv.ps1 test --help shows filters.' }
    Write-Output "$passed passed, $failed failed, $skipped skipped"
    if ($passed + $failed + $skipped -eq 0) { exit 2 }
    exit [int]($failed -gt 0)
}

$shared = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($root), 'shared')
if (-not $env:AKV_SHARED -and [System.IO.Directory]::Exists($shared)) { $env:AKV_SHARED = $shared }

# PowerShell makes a list of an unquoted a,b; the command line wants it as it was typed.
$arguments = @($args | ForEach-Object { $_ -join ',' })
if ($arguments.Count -gt 0 -and $arguments[0] -eq 'test' -and $arguments[1] -notin '--help', '-h', '-?', '/?', '/h') {
    Invoke-Tests @($arguments | Select-Object -Skip 1)
} else {
    Invoke-Build 'src/Cli/Cli.csproj' $current $sources
    if ($arguments.Count -gt 0 -and $arguments[0] -ceq 'export' -and ($arguments -cmatch '^(.*[=:])?mlnet$')) { Invoke-ExportBuild }
    & $script:dotnet ([System.IO.Path]::Combine($script:cli, 'akv.dll')) @arguments
    exit $LASTEXITCODE
}
