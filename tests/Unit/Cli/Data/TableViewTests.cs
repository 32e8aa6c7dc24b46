using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Data;
using AdaptiveKv.Data;
using Spectre.Console;

namespace AdaptiveKv.Unit.Cli.Data;

public sealed class TableViewTests
{
    private static readonly ResultColumn[] Columns = [new("item", ColumnType.Int32), new("piece", ColumnType.String), new("loss", ColumnType.Float32)];
    private static readonly object?[][] Rows = [[1, "[bold]", 0.5f], [20, null, 12.25f]];

    [Fact]
    public void ElsewhereThanOnAScreenTextIsPlain() => Assert.Equal(
        """
        item  piece    loss
        -------------------
           1  [bold]    0.5
          20  null    12.25

        """, Render(width: null));

    [Fact]
    public void OnAScreenATableIsDrawn() => Assert.Equal(
        """
        ╭──────┬────────┬───────╮
        │ item │ piece  │  loss │
        ├──────┼────────┼───────┤
        │    1 │ [bold] │   0.5 │
        │   20 │ null   │ 12.25 │
        ╰──────┴────────┴───────╯

        """, Render(width: 25));

    [Fact]
    public void ColumnsThatDoNotFitFollowBelow() => Assert.Equal(
        """
        ╭──────┬────────╮
        │ item │ piece  │
        ├──────┼────────┤
        │    1 │ [bold] │
        │   20 │ null   │
        ╰──────┴────────╯
        ╭──────┬───────╮
        │ item │  loss │
        ├──────┼───────┤
        │    1 │   0.5 │
        │   20 │ 12.25 │
        ╰──────┴───────╯

        """, Render(width: 20));

    private static string Render(int? width)
    {
        using StringWriter output = new() { NewLine = "\n" };
        IAnsiConsole? screen = null;
        if (width is { } columns)
        {
            screen = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
            screen.Profile.Width = columns;
            screen.Profile.Capabilities.Unicode = true;
        }

        TableView.Write(Columns, Rows, new Terminal { Output = output, Error = TextWriter.Null, Time = TimeProvider.System, OutputScreen = screen });
        return output.ToString().ReplaceLineEndings("\n");
    }
}
