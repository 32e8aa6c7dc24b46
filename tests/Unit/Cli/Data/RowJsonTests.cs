using AdaptiveKv.Cli.Data;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Unit.Cli.Data;

public sealed class RowJsonTests
{
    [Fact]
    public void ARowIsALine() => Assert.Equal(
        """
        [
        {"a":1,"b":"it's \"so\"","x":0.1},
        {"a":null,"b":true,"x":[1,"NaN"]},
        {"a":9223372036854775807,"b":"ümläut\n","x":"-Infinity"}
        ]

        """,
        Write(["a", "b", "x"], [1, "it's \"so\"", 0.1f], [null, true, new[] { 1f, float.NaN }], [long.MaxValue, "ümläut\n", double.NegativeInfinity]));

    [Fact]
    public void NoRowsAreAnEmptyArray() => Assert.Equal("[]\n", Write(["a"]));

    [Fact]
    public void RepeatedNamesAreNumbered() => Assert.Equal("[\n{\"a\":1,\"a_2\":2,\"a_2_2\":3}\n]\n", Write(["a", "a", "a_2"], [1, 2, 3]));

    private static string Write(string[] names, params object?[][] rows)
    {
        using StringWriter output = new() { NewLine = "\n" };
        RowJson.Write([.. names.Select(name => new ResultColumn(name, ColumnType.String))], rows, output);
        return output.ToString();
    }
}
