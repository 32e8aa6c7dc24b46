using System.CommandLine;
using AdaptiveKv.Cli.Diagnosis;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv doctor</c>: what this machine and installation offer, and what is off.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Command command = new("doctor", "Show the runtime, the processor's instruction sets, memory and data; exit 1 if something essential is off");
        command.SetAction(_ => Print([.. Installation.Examine(Repository.Root), .. Hardware.Examine()], terminal));
        return command;
    }

    /// <summary>Prints the findings, one line each.</summary>
    public static int Print(IReadOnlyList<Finding> findings, Terminal terminal)
    {
        foreach (Finding finding in findings)
        {
            string verdict = finding.Severity switch { Severity.Good => "ok", Severity.Limited => "note", _ => "FAULT" };
            terminal.Output.WriteLine($"{verdict,-6}{finding.Subject,-14}{finding.Fact}");
        }

        int faults = findings.Count(finding => finding.Severity == Severity.Fault);
        terminal.Output.WriteLine(faults == 0
            ? "everything essential is in place"
            : $"{faults} essential {(faults == 1 ? "thing is" : "things are")} off");
        return faults == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
