using AdaptiveKv.Cli;
using AdaptiveKv.Files;

namespace AdaptiveKv.Unit.Cli;

public sealed class FailureTests
{
    public static TheoryData<Exception, int, string> Cases => new()
    {
        { new ModelFormatException("m.gguf", "n_tensors", 8, "is -1"), ExitCode.BadData, "m.gguf: n_tensors at byte 8: is -1" },
        { new InvalidDataException("items.jsonl:3: no label"), ExitCode.BadData, "items.jsonl:3: no label" },
        { new ArithmeticException("logits are not numbers"), ExitCode.BadData, "logits are not numbers" },
        { new OverflowException("odd"), ExitCode.Internal, "internal error: OverflowException: odd (-v shows where)" },
        { new FileNotFoundException("no model at m.gguf"), ExitCode.MissingInput, "no model at m.gguf" },
        { new DirectoryNotFoundException("no folder"), ExitCode.MissingInput, "no folder" },
        { new ArgumentException("unknown policy 'x'"), ExitCode.Usage, "unknown policy 'x'" },
        { new ArgumentException("unknown policy 'x'", "policy"), ExitCode.Usage, "unknown policy 'x'" },
        { new FormatException("'x' is no number"), ExitCode.Usage, "'x' is no number" },
        { new IOException("read failed"), ExitCode.InputOutput, "read failed" },
        { new UnauthorizedAccessException("denied"), ExitCode.InputOutput, "denied" },
        { new OperationCanceledException(), ExitCode.Cancelled, "cancelled" },
        { new AggregateException(new InvalidDataException("inner")), ExitCode.BadData, "inner" },
        { new InvalidDataException("two\r\nlines"), ExitCode.BadData, "two lines" },
        { new InvalidOperationException("odd"), ExitCode.Internal, "internal error: InvalidOperationException: odd (-v shows where)" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryExceptionHasItsCodeAndOneLine(Exception exception, int code, string message) =>
        Assert.Equal(new Failure(code, message), Failure.Of(exception, ExitCode.Cancelled));

    [Fact]
    public void ARangeErrorLosesOnlyItsParameterName()
    {
        Failure failure = Failure.Of(new ArgumentOutOfRangeException("threads", 0, "at least one thread"), ExitCode.Cancelled);

        Assert.Equal("at least one thread Actual value was 0.", failure.Message);
    }

    [Fact]
    public void AFullDiskIsNamed()
    {
        int noSpace = OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28;

        Assert.Equal(new Failure(ExitCode.InputOutput, "disk full: cannot write x"), Failure.Of(new IOException("cannot write x", noSpace), ExitCode.Cancelled));
    }

    [Fact]
    public void ATerminationInvitesAnotherTry() =>
        Assert.Equal(new Failure(ExitCode.Interrupted, "interrupted; run the same command again"), Failure.Of(new OperationCanceledException(), ExitCode.Interrupted));
}
