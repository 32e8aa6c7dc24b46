using System.Text;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Server.Wire;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Data;
using AdaptiveKv.Unit.Evaluation.Report;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Fuzzing;
using AdaptiveKv.Unit.Policies.Control;
using TokenTable = AdaptiveKv.Unit.Data.TokenTable;

namespace AdaptiveKv.Unit.Cli.Fuzzing;

/// <summary>Tables, items, texts, what a report is made of, and requests to the server.</summary>
internal static class DataReaders
{
    // Its pictures are drawn in two widths.
    private const long WholeReport = 16 << 20;

    // Parquet.Net makes an array of whatever length a damaged text claims before it reads any of it; where there is less memory it is one error, too (BadInputTests).
    private const long MostTableBytes = 1 << 30;

    private static readonly string[] Words = ["\"\\ud800\"", "\"\\udc00x\"", "\"\u0085\"", "\u2028", "\0", "\uFEFF", "\n", "\"answerKey\": \"B\",", "\"gold\": 7", "\"label\": 3"];

    public static SortedDictionary<string, Func<TemporaryFolder, FuzzedReader>> All { get; } = new(StringComparer.Ordinal)
    {
        ["table"] = _ => new FuzzedReader("t.parquet", [OfTable().Invoke], ReadTable) { MostBytes = MostTableBytes },
        ["items"] = _ => new FuzzedReader(
            "items.jsonl",
            [
                Text(string.Join('\n', File.ReadLines(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Take(3))),
                Text("""{"ind": 4, "activity_label": "Roof", "ctx_a": "A man", "ctx_b": "he", "ctx": "A man he", "split": "val", "endings": ["runs.", "[title] sits."], "label": "1"}"""),
                Text("""{"id": "Q", "question": {"stem": "Which?", "choices": [{"text": "the library", "label": "A"}, {"text": "hat", "label": "B"}]}, "answerKey": "B"}"""),
                Text("""{"id": "Q", "question": "Which?", "choices": {"text": ["the library", "hat"], "label": ["A", "B"]}, "answerKey": "B"}"""),
                Text("A man sits.\n1\nruns.\nsits.\nlies.\nsings.\n"),
            ],
            path => ItemFile.Read(path)),
        ["names of items"] = _ => new FuzzedReader("names.jsonl", [Text("{\"item\": \"17\", \"policy\": \"static-4\"}\n{\"item\": 18}\n"), Text("17\n18\n")], path => ItemSelection.Read(path)),
        ["costs of tiers"] = _ => new FuzzedReader(
            "costs.json", [Text(TierCosts.Json(512, "a machine", new string('a', 64), Sample.Tiers.Select(tier => tier with { Milliseconds = 1 })))], path => TierCosts.Read(path, [.. Sample.Tiers.Select(cost => cost.Tier)])),
        ["token ids"] = _ => new FuzzedReader("ids.json", [Text("[1, 2, 3, 17]")], path => TokenIds.Read(path).Require(1, 20)),
        ["evaluation in a report"] = folder => InReport(folder, "evaluation"),
        ["training in a report"] = folder => InReport(folder, "training"),
        ["summary in a report"] = folder => InReport(folder, "summary"),
        ["speed in a report"] = folder => InReport(folder, "speed"),
        ["request for a chat"] = _ => new FuzzedReader(
            "chat.json",
            [Text("""{"model": "m", "messages": [{"role": "system", "content": "a"}, {"role": "user", "content": [{"type": "text", "text": "b"}]}], "max_tokens": 5, "temperature": 0.5, "seed": 1, "stop": ["x"], "n": 2, "stream": true, "stream_options": {"include_usage": true}, "logprobs": true, "top_logprobs": 2}""")],
            path => Asked(path, body => ChatRequest.Read(body))),
        ["request for a completion"] = _ => new FuzzedReader(
            "completion.json",
            [Text("""{"model": "m", "prompt": ["a", "b"], "max_tokens": 5, "top_p": 0.5, "top_k": 3, "min_p": 0.1, "logprobs": 2, "echo": true, "stop": "x"}"""), Text("""{"prompt": [[1, 2], [3]], "user": "u"}""")],
            path => Asked(path, body => CompletionRequest.Read(body))),
    };

    private static Func<Random, byte[]> Text(string original) => new JsonMutator(original, Words).Mutate;

    private static Func<Random, byte[]> OfTable()
    {
        using TableFolder folder = new();
        byte[] whole = File.ReadAllBytes(folder.WriteTokens("t.parquet", 60));
        return random => DamagedTableTests.Mutate(whole, random);
    }

    private static void ReadTable(string path)
    {
        _ = TableReader.Open(path, TokenTable.Schema).Read().Sum(batch => batch.Rows);
        _ = Table.Open(path).All().Count();
    }

    private static FuzzedReader InReport(TemporaryFolder folder, string name)
    {
        string original = File.ReadAllText(SampleReport.Write(folder)[name]);
        return new($"{name}.json", [new JsonMutator(original, Words).Mutate], Read) { Beside = folder.Path, MostBytes = WholeReport };

        static void Read(string path)
        {
            string In(string file) => Path.Combine(Path.GetDirectoryName(path)!, file);
            Assert.NotEmpty(HtmlReport.Of(ReportDocument.Of(ReportInputs.Read(In("evaluation.json"), In("training.json"), In("summary.json"), In("speed.json")), TimeProvider.System)));
        }
    }

    private static void Asked(string path, Action<ReadOnlyMemory<byte>> read)
    {
        try
        {
            read(File.ReadAllBytes(path));
        }
        catch (ApiException exception) when (exception.Status is >= 400 and < 500)
        {
            throw new InvalidDataException($"{path}: {exception.Message}");
        }
    }
}
