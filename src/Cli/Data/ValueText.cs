using System.Globalization;

namespace AdaptiveKv.Cli.Data;

/// <summary>Values as the cells of a table show them: short, on one line.</summary>
internal static class ValueText
{
    /// <summary>What a row without a value shows.</summary>
    public const string Missing = "null";

    private const int LongestCell = 60;
    private const int ShownElements = 6;
    private const double LargestWhole = 1e15;

    /// <summary>The text of a value: numbers with 6 significant digits, long texts and lists cut.</summary>
    public static string Of(object? value) => value switch
    {
        null => Missing,
        bool truth => truth ? "true" : "false",
        float number => Number(number),
        double number => Number(number),
        float[] list => List(list),
        string text => Cut(VisibleText.OnOneLine(text)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Number(double number) => number == Math.Floor(number) && Math.Abs(number) < LargestWhole
        ? number.ToString("0", CultureInfo.InvariantCulture)
        : number.ToString("G6", CultureInfo.InvariantCulture);

    private static string List(float[] list)
    {
        string shown = string.Join(", ", list.Take(ShownElements).Select(element => Number(element)));
        return list.Length > ShownElements ? $"[{shown}, ... {list.Length}]" : $"[{shown}]";
    }

    private static string Cut(string text) => text.Length <= LongestCell ? text : text[..(LongestCell - 3)] + "...";
}
