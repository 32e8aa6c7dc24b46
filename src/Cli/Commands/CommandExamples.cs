using System.CommandLine;

namespace AdaptiveKv.Cli.Commands;

/// <summary>Command lines that help shows; a command without one of its own shows what it needs.</summary>
internal static class CommandExamples
{
    private static readonly Dictionary<string, string[]> Own = new(StringComparer.Ordinal)
    {
        ["run"] = ["akv run", "akv run train evaluate -S train.lr=3e-4 --name slow", "akv run --pipeline pipelines/smollm2-135m.yaml --dry"],
        ["sweep"] = ["akv sweep -S train.lr=1e-3,3e-4 -S train.hidden=[64],[64,64] --metrics gap_closed"],
        ["runs list"] = ["akv runs list --metrics 'evaluate.learned*.kl'"],
        ["runs show"] = ["akv runs show default"],
        ["runs diff"] = ["akv runs diff default slow --markdown"],
        ["runs restore"] = ["akv runs restore slow"],
        ["runs remove"] = ["akv runs remove slow"],
        ["status"] = ["akv status --verify"],
        ["dag"] = ["akv dag --mermaid"],
        ["shard plan"] = ["akv shard plan collect --shards 4"],
        ["validate"] = ["akv validate --pipeline my.yaml"],
        ["metrics show"] = ["akv metrics show", "akv metrics show 'learned*.kl' artifacts/quickstart/evaluate/metrics.json"],
        ["metrics diff"] = ["akv metrics diff before.json after.json --markdown"],
        ["gate"] = ["akv gate metrics.json --thresholds pipelines/quickstart.thresholds.yaml --baseline before.json"],
        ["generate"] = ["akv generate --model M.gguf --prompt 'Once upon a time' --policy static-4+sinks1", "akv generate --model M.gguf --prompt 'Why?' --chat --kv-budget 5MB --controller C.safetensors"],
        ["evaluate"] = ["akv evaluate --model M.gguf --data items.jsonl --policies static-16,static-4+sinks1 --limit 400"],
        ["perplexity"] = ["akv perplexity --model M.gguf --text book.txt --policies static-4,static-2 --sinks 1"],
        ["bench"] = ["akv bench --model M.gguf --policies static-16,static-4"],
        ["completion"] = ["source <(akv completion bash)"],
        ["test"] = ["akv test Unit -class '*GgufReader*'"],
    };

    /// <summary>The examples of a command.</summary>
    /// <param name="path">Its words: "runs diff".</param>
    /// <param name="command">The command.</param>
    public static IReadOnlyList<string> Of(string path, Command command) => Own.TryGetValue(path, out string[]? own) ? own : [Needed(path, command)];

    private static string Needed(string path, Command command)
    {
        IEnumerable<string> arguments = command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0).Select(argument => argument.Name.ToUpperInvariant());
        IEnumerable<string> options = command.Options.Where(option => option.Required).Select(option => $"{option.Name} {(option.HelpName ?? option.Name.TrimStart('-')).ToUpperInvariant()}");
        return string.Join(' ', [$"akv {path}", .. arguments, .. options]);
    }
}
