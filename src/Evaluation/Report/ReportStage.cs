using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>The stage that makes a page for people out of what evaluation and training measured.</summary>
public static class ReportStage
{
    /// <summary>Its program. The same deps give the same bytes on the same day.</summary>
    public static StageKind Kind { get; } = new()
    {
        Name = "report",
        Description = "One page about the quality, cost and training of policies",
        CodeVersion = 4,
        Deps =
        [
            new StageInput("evaluation", "figures of policies (JSON of evaluate)"),
            new StageInput("training", "the log of a training (JSON of train)") { Optional = true },
            new StageInput("summary", "figures of a dataset (JSON of dataset)") { Optional = true },
            new StageInput("speed", "a measurement of speed (JSON of akv bench)") { Optional = true },
        ],
        Outs =
        [
            new StageOutput("html", "report.html", "a self-contained page (HTML)"),
            new StageOutput("markdown", "report.md", "the same with sparklines in place of pictures (Markdown)"),
        ],
        Run = context =>
        {
            ReportInputs inputs = ReportInputs.Read(context.Dep("evaluation"), context.Find("training"), context.Find("summary"), context.Find("speed"));
            ReportDocument document = ReportDocument.Of(inputs, context.Time);
            OutputFile.Write(context.Out("html"), HtmlReport.Of(document));
            OutputFile.Write(context.Out("markdown"), MarkdownReport.Of(document));
        },
    };
}
