using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed class ModelInfoCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();

    public void Dispose() => terminal.Dispose();

    [Fact]
    public void TheMicroModelIsDescribed()
    {
        Assert.Equal(ExitCode.Done, CommandLine.Run(["model", "info", SharedFiles.MicroModel], terminal.Terminal));

        Assert.Contains("layers        3, hidden 128", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("heads         4 query, 2 key/value, 64 elements each", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("KV cache      1,536 B per token at 16 bits", terminal.Output, StringComparison.Ordinal);
        Assert.Empty(terminal.ErrorLines);
    }

    [Fact]
    public void JsonHoldsTheSameFactsForBothForms()
    {
        JsonElement file = Describe(SharedFiles.MicroModel);
        JsonElement folder = Describe(Path.Combine(SharedFiles.Micro, "hf"));

        Assert.Equal(746_368, file.GetProperty("model").GetProperty("parameters").GetInt64());
        Assert.Equal(1536, folder.GetProperty("kv_bytes_per_token").GetInt64());
        Assert.Equal(64, file.GetProperty("sha256").GetString()!.Length);
        Assert.All(["layers", "hidden", "heads", "kv_heads", "head_dim", "vocabulary"],
            name => Assert.Equal(Shape(file).GetProperty(name).GetInt64(), Shape(folder).GetProperty(name).GetInt64()));
    }

    private static JsonElement Shape(JsonElement info) => info.GetProperty("model").GetProperty("shape");

    private static JsonElement Describe(string path)
    {
        using TestTerminal own = new();
        Assert.Equal(ExitCode.Done, CommandLine.Run(["model", "info", path, "--json"], own.Terminal));
        return JsonDocument.Parse(own.Output).RootElement;
    }
}
