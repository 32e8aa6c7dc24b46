using System.CommandLine;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv completion</c>: a script by which a shell completes commands, options and values.</summary>
internal static class CompletionCommand
{
    // All of them ask the directive [suggest:POSITION] of System.CommandLine, and leave paths to the shell.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _akv() {
                mapfile -t COMPREPLY < <(IFS=$'\n'; compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")
            }
            complete -o default -F _akv akv ./akv
            """,
        ["zsh"] = """
            _akv() {
                local -a found
                found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
                compadd -- ${found} || _files
            }
            compdef _akv akv ./akv
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName akv, akv.ps1 -ScriptBlock {
                param($word, $line, $position)
                & "$($line.CommandElements[0])" "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }
            """,
    };

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> shell = new("shell") { Description = "One of bash, zsh and pwsh (PowerShell)" };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        Command command = new("completion", "Print a script by which a shell completes commands, options and values") { shell };
        command.SetAction(arguments =>
        {
            terminal.Output.WriteLine(Scripts[arguments.GetRequiredValue(shell)]);
            return ExitCode.Done;
        });
        return command;
    }
}
