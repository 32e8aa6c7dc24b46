using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Data;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
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

    [Theory]
    [InlineData(null)]
    [InlineData(80)]
    public void NamesAndCellsStayOnTheirLine(int? width)
    {
        string shown = Render(width, [new("it\u001b[31mem\n", ColumnType.String)], [["a\u001b]0;x\u0007\nb"]]);

        Assert.Contains("it\\u001b[31mem\\n", shown, StringComparison.Ordinal);
        Assert.Contains("a\\u001b]0;x\\u0007\\nb", shown, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', shown);
    }

    private static string Render(int? width) => Render(width, Columns, Rows);

    private static string Render(int? width, ResultColumn[] names, object?[][] rows)
    {
        using StringWriter output = new() { NewLine = "\n" };
        IAnsiConsole? screen = null;
        if (width is { } columns)
        {
            screen = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
            screen.Profile.Width = columns;
            screen.Profile.Capabilities.Unicode = true;
        }

        TableView.Write(names, rows, new Terminal { Output = output, Error = TextWriter.Null, Time = TimeProvider.System, OutputScreen = screen });
        return output.ToString().ReplaceLineEndings("\n");
    }
}
