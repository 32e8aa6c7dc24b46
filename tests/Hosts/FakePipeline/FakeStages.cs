using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.FakePipeline;

/// <summary>Stages of the shape of the real ones: rows in segments, a table of them, a fit of that, a grade of both.</summary>
public static class FakeStages
{
    [ThreadStatic]
    private static int rowsMade;

    /// <summary>Rows that this thread computed.</summary>
    public static int RowsMadeHere => rowsMade;

    public static StageCatalog Catalog => Of(codeVersion: 1);

    /// <summary>The stages, with a version of the fitting program.</summary>
    public static StageCatalog Of(int codeVersion) => new([Rows, Table, Fit(codeVersion), Grade]);

    private static StageKind Rows { get; } = new()
    {
        Name = "rows",
        Description = "Hashes of a text, one row per item",
        CodeVersion = 1,
        UsesKernels = true,
        Deps = [new StageInput("source", "a text"), new StageInput("hint", "another text") { Optional = true }],
        Outs = [new StageOutput("rows", "rows", "segments of rows") { Segmented = true }],
        Params =
        [
            StageParam.Integer("items", 40, "rows to make") with { Minimum = 1, Unit = "rows" },
            StageParam.Integer("per_segment", 5, "rows in a segment") with { Minimum = 1 },
            StageParam.Integer("seed", 42, "of the hashes"),
            StageParam.Integer("delay_ms", 0, "what a row takes") with { Unit = "ms" },
            StageParam.Integer("deaf_ms", 0, "what it takes besides, without listening") with { Unit = "ms" },
        ],
        Run = MakeRows,
    };

    private static StageKind Table { get; } = new()
    {
        Name = "table",
        Description = "All rows in one file",
        CodeVersion = 1,
        Deps = [new StageInput("rows", "segments of rows")],
        Outs = [new StageOutput("table", "table.txt", "the rows")],
        Params = [StageParam.Text("letters", "lower", "of the hashes") with { Choices = ["lower", "upper"] }],
        Run = context =>
        {
            string text = string.Concat(context.DepSegments("rows").Select(File.ReadAllText));
            File.WriteAllText(context.Out("table"), context.Params.Text("letters") == "upper" ? text.ToUpperInvariant() : text);
        },
    };

    private static StageKind Grade { get; } = new()
    {
        Name = "grade",
        Description = "How good a model is on a table",
        CodeVersion = 1,
        Deps = [new StageInput("table", "the rows"), new StageInput("model", "a model")],
        Outs = [new StageOutput("metrics", "metrics.json", "accuracy and loss") { IsMetrics = true }],
        Run = context =>
        {
            double rate = double.Parse(File.ReadAllLines(context.Dep("model"))[0], CultureInfo.InvariantCulture);
            int rows = File.ReadAllLines(context.Dep("table")).Length;
            var policies = new { @static = new { accuracy = 0.5 - rate, loss = rate } };
            File.WriteAllText(context.Out("metrics"), JsonSerializer.Serialize(new { rows, policies }));
        },
    };

    private static StageKind Fit(int codeVersion) => new()
    {
        Name = "fit",
        Description = "A model of a table",
        CodeVersion = codeVersion,
        Deps = [new StageInput("table", "the rows")],
        Outs = [new StageOutput("model", "model.txt", "the model"), new StageOutput("curve", "curve.csv", "the loss by epoch"), new StageOutput("plan", "plan.txt", "what was to be done") { Optional = true }],
        Params =
        [
            StageParam.Number("lr", 0.001, "learning rate") with { Minimum = 0, Maximum = 1 },
            StageParam.Integers("layers", [4, 4], "units of each layer") with { Minimum = 1 },
            StageParam.Boolean("shuffle", true, "whether rows are shuffled"),
            new StageParam("epochs", ParamType.Integer, "passes over the table") { Minimum = 1 },
        ],
        Run = context =>
        {
            if (context.Wants("plan"))
            {
                File.WriteAllText(context.Out("plan"), "fit\n");
            }

            double rate = context.Params.Number("lr");
            long epochs = context.Params.Integer("epochs");
            string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(context.Dep("table"))));
            File.WriteAllText(context.Out("model"), string.Create(CultureInfo.InvariantCulture, $"{rate}\n{hash}\n{string.Join(',', context.Params.Integers("layers"))}\n{context.Params.Boolean("shuffle")}\n"));
            File.WriteAllLines(context.Out("curve"), Enumerable.Range(1, (int)epochs).Select(epoch => string.Create(CultureInfo.InvariantCulture, $"{epoch},{rate / epoch}")));
        },
    };

    private static void MakeRows(StageContext context)
    {
        string source = File.ReadAllText(context.Dep("source")) + (context.Has("hint") ? File.ReadAllText(context.Dep("hint")) : string.Empty);
        long items = context.Params.Integer("items");
        SegmentLog log = context.Segments("rows", ".txt");
        context.Reporter.Track("making rows", items, "rows", progress =>
        {
            foreach (SegmentRange segment in log.Remaining(items, context.Params.Integer("per_segment")))
            {
                log.Commit(segment, path =>
                {
                    // Unbuffered: every row is a write of its own, and so a place to be killed at.
                    using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
                    for (long item = segment.First; item < segment.First + segment.Count; item++)
                    {
                        file.Write(Encoding.ASCII.GetBytes(Row(context, source, item)));
                        progress.Report(item + 1);
                    }
                });
            }

            return items;
        });
    }

    private static string Row(StageContext context, string source, long item)
    {
        if (context.Cancellation.WaitHandle.WaitOne((int)context.Params.Integer("delay_ms")))
        {
            throw new OperationCanceledException(context.Cancellation);
        }

        Thread.Sleep((int)context.Params.Integer("deaf_ms"));
        rowsMade++;
        return $"{item} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source} {context.Params.Integer("seed")} {item}")))}\n";
    }
}
