using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

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

    [Fact]
    public void EndTokensAndNotesAreShown()
    {
        using TemporaryFolder folder = new();
        foreach (string path in Directory.GetFiles(Path.Combine(SharedFiles.Micro, "hf")))
        {
            folder.Write(Path.GetFileName(path), File.ReadAllBytes(path));
        }

        folder.Write("generation_config.json", """{"eos_token_id": [0, 14, 9999]}""");
        foreach (string command in (string[])["info", "verify"])
        {
            Assert.Equal(ExitCode.Done, CommandLine.Run(["model", command, folder.Path], terminal.Terminal));
        }

        Assert.Contains("end tokens    0 <|endoftext|>, 14 .", terminal.Output, StringComparison.Ordinal);
        Assert.Equal(2, terminal.ErrorLines.Count(line => line.Contains("eos_token_id is 9999; the vocabulary has the ids 0 to 639: taken as none", StringComparison.Ordinal)));
        Assert.Equal([0, 14], Describe(folder.Path).GetProperty("end_tokens").EnumerateArray().Select(token => token.GetProperty("id").GetInt32()));
    }

    private static JsonElement Shape(JsonElement info) => info.GetProperty("model").GetProperty("shape");

    private static JsonElement Describe(string path)
    {
        using TestTerminal own = new();
        Assert.Equal(ExitCode.Done, CommandLine.Run(["model", "info", path, "--json"], own.Terminal));
        return JsonDocument.Parse(own.Output).RootElement;
    }
}
