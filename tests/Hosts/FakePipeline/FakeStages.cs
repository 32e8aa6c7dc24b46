using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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
        Params = ParamRecord.Of<RowsParams>(),
        Items = context => (context.Params.Read<RowsParams>().Items, context.Params.Read<RowsParams>().PerSegment),
        Run = MakeRows,
    };

    private static StageKind Table { get; } = new()
    {
        Name = "table",
        Description = "All rows in one file",
        CodeVersion = 1,
        Deps = [new StageInput("rows", "segments of rows")],
        Outs = [new StageOutput("table", "table.txt", "the rows")],
        Params = ParamRecord.Of<TableParams>(),
        Run = context =>
        {
            string text = string.Concat(context.DepSegments("rows").Select(File.ReadAllText));
            File.WriteAllText(context.Out("table"), context.Params.Read<TableParams>().Letters == "upper" ? text.ToUpperInvariant() : text);
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
        Params = ParamRecord.Of<FitParams>(),
        Run = context =>
        {
            if (context.Wants("plan"))
            {
                File.WriteAllText(context.Out("plan"), "fit\n");
            }

            FitParams values = context.Params.Read<FitParams>();
            double rate = values.Lr;
            string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(context.Dep("table"))));
            File.WriteAllText(context.Out("model"), string.Create(CultureInfo.InvariantCulture, $"{rate}\n{hash}\n{string.Join(',', values.Layers)}\n{values.Shuffle}\n"));
            File.WriteAllLines(context.Out("curve"), Enumerable.Range(1, values.Epochs).Select(epoch => string.Create(CultureInfo.InvariantCulture, $"{epoch},{rate / epoch}")));
        },
    };

    private static void MakeRows(StageContext context)
    {
        string source = File.ReadAllText(context.Dep("source")) + (context.Has("hint") ? File.ReadAllText(context.Dep("hint")) : string.Empty);
        RowsParams values = context.Params.Read<RowsParams>();
        context.Segments("rows", ".txt", "making rows", values.Items, values.PerSegment, (path, items) =>
        {
            // Unbuffered: every row is a write of its own, and so a place to be killed at.
            using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            foreach (int item in items)
            {
                file.Write(Encoding.ASCII.GetBytes(Row(values, source, item, context.Cancellation)));
            }
        });
    }

    private static string Row(RowsParams values, string source, long item, CancellationToken cancellation)
    {
        if (cancellation.WaitHandle.WaitOne(values.DelayMs))
        {
            throw new OperationCanceledException(cancellation);
        }

        Thread.Sleep(values.DeafMs);
        rowsMade++;
        return $"{item} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source} {values.Seed} {item}")))}\n";
    }

    public sealed record RowsParams
    {
        [Param("rows to make", Minimum = 1, Unit = "rows")]
        public int Items { get; init; } = 40;

        [Param("rows in a segment", Minimum = 1)]
        public int PerSegment { get; init; } = 5;

        [Param("of the hashes")]
        public int Seed { get; init; } = 42;

        [Param("what a row takes", Unit = "ms")]
        public int DelayMs { get; init; }

        [Param("what it takes besides, without listening", Unit = "ms")]
        public int DeafMs { get; init; }
    }

    public sealed record TableParams
    {
        [Param("of the hashes", Choices = ["lower", "upper"])]
        public string Letters { get; init; } = "lower";
    }

    public sealed record FitParams
    {
        [Param("learning rate", Minimum = 0, Maximum = 1)]
        public double Lr { get; init; } = 0.001;

        [Param("units of each layer", Minimum = 1)]
        public IReadOnlyList<int> Layers { get; init; } = [4, 4];

        [Param("whether rows are shuffled")]
        public bool Shuffle { get; init; } = true;

        [Param("passes over the table", Minimum = 1)]
        public required int Epochs { get; init; }
    }
}
