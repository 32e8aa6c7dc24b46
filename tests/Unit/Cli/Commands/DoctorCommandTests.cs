using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Cli.Diagnosis;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();

    public void Dispose() => terminal.Dispose();

    [Fact]
    public void LimitsDoNotFail()
    {
        int code = DoctorCommand.Print([new(Severity.Good, "runtime", "10"), new(Severity.Limited, "memory", "little")], terminal.Terminal);

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal("ok    runtime       10\nnote  memory        little\neverything essential is in place\n", terminal.Output);
    }

    [Fact]
    public void AFaultFails()
    {
        int code = DoctorCommand.Print([new(Severity.Fault, "micro model", "missing")], terminal.Terminal);

        Assert.Equal(ExitCode.Failed, code);
        Assert.EndsWith("1 essential thing is off\n", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithoutTheEmbeddedModelIsAFault()
    {
        IEnumerable<Finding> findings = Installation.Examine(Path.GetTempPath());

        Assert.Contains(findings, finding => finding is { Severity: Severity.Fault, Subject: "micro model" });
    }
}
