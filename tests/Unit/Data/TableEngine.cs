using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Setup;
using AdaptiveKv.Unit.Cli;

namespace AdaptiveKv.Unit.Data;

/// <summary>What tests of SQL over tables need: DuckDB, fetched as any command fetches it.</summary>
internal static class TableEngine
{
    private static readonly Lazy<string?> Fault = new(Fetch);

    /// <summary>Skips the test, with the reason, where DuckDB cannot be fetched.</summary>
    public static void Require() => Assert.SkipWhen(Fault.Value is not null, $"needs DuckDB: {Fault.Value}");

    private static string? Fetch()
    {
        using TestTerminal terminal = new();
        try
        {
            DuckDbSetup.Ensure(new StageReporter(terminal.Terminal), CancellationToken.None);
            return null;
        }
        catch (FileNotFoundException exception)
        {
            return exception.Message;
        }
    }
}
