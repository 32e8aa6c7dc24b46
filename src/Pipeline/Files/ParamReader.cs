using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Files;

/// <summary>Turns a document's value into one of a parameter's declared type.</summary>
internal static class ParamReader
{
    /// <summary>The value; null where it is of another type or out of its limits, which is a fault.</summary>
    public static JsonElement? Read(StageParam param, YamlNode node, string key, FaultList faults)
    {
        if (!param.IsList)
        {
            return Element(param, node, key, faults);
        }

        if (node is not YamlList list)
        {
            faults.Add(node.Where, key, $"is {node.Kind}: expected a list, [a, b], of {Expected(param)}");
            return null;
        }

        if (list.Items.Count < param.LeastCount || list.Items.Count > param.MostCount)
        {
            faults.Add(node.Where, key, $"has {list.Items.Count} {(list.Items.Count == 1 ? "element" : "elements")}: expected {Count(param)}, each {Expected(param)}");
            return null;
        }

        JsonElement?[] elements = [.. list.Items.Select((item, index) => Element(param, item, $"{key}[{index}]", faults))];
        return elements.Any(element => element is null) ? null : JsonSerializer.SerializeToElement(elements);
    }

    /// <summary>"a number from 0 to 1 (share)".</summary>
    public static string Expected(StageParam param)
    {
        string noun = param.Type switch
        {
            ParamType.Integer => "a whole number",
            ParamType.Number => "a number",
            ParamType.Boolean => "true or false",
            _ when param.Choices.Count > 0 => string.Join(" or ", param.Choices),
            _ => "a text",
        };
        string limits = (double.IsFinite(param.Minimum), double.IsFinite(param.Maximum)) switch
        {
            (true, true) => string.Create(CultureInfo.InvariantCulture, $" from {param.Minimum} to {param.Maximum}"),
            (true, false) => string.Create(CultureInfo.InvariantCulture, $" of at least {param.Minimum}"),
            (false, true) => string.Create(CultureInfo.InvariantCulture, $" of at most {param.Maximum}"),
            _ => string.Empty,
        };
        return noun + limits + (param.Unit is { } unit ? $" ({unit})" : string.Empty);
    }

    private static JsonElement? Element(StageParam param, YamlNode node, string key, FaultList faults)
    {
        JsonElement? value = node is YamlScalar { IsNull: false } scalar ? Parse(param, scalar) : null;
        if (value is null)
        {
            faults.Add(node.Where, key, $"is {node.Kind}: expected {Expected(param)}{(IsTooLong(param, node) ? $", and at most {int.MaxValue}" : string.Empty)}{FaultList.Suggestion((node as YamlScalar)?.Text ?? string.Empty, param.Choices)}");
            return null;
        }

        try
        {
            param.Check?.Invoke(value.Value.GetString()!);
            return value;
        }
        catch (FormatException exception)
        {
            faults.Add(node.Where, key, exception.Message);
            return null;
        }
    }

    private static string Count(StageParam param) => (param.LeastCount, param.MostCount) switch
    {
        (_, int.MaxValue) => $"{param.LeastCount} or more",
        (int least, int most) => $"{least} to {most}",
    };

    private static bool IsTooLong(StageParam param, YamlNode node) =>
        param.Type == ParamType.Integer && node is YamlScalar { IsPlain: true } scalar && TryWhole(scalar.Text, out long whole) && !HasRoom(param, whole);

    private static bool HasRoom(StageParam param, long value) => param.IsLong || value == (int)value;

    private static JsonElement? Parse(StageParam param, YamlScalar scalar)
    {
        // What stands in quotes is a text, whatever it looks like.
        string plain = scalar.IsPlain ? scalar.Text : string.Empty;
        return param.Type switch
        {
            ParamType.Integer when TryWhole(plain, out long whole) && IsWithin(param, whole) && HasRoom(param, whole) => JsonSerializer.SerializeToElement(whole),
            ParamType.Number when TryNumber(plain, out double number) && IsWithin(param, number) => JsonSerializer.SerializeToElement(number),
            ParamType.Boolean when plain is "true" or "false" => JsonSerializer.SerializeToElement(plain == "true"),
            ParamType.Text when param.Choices.Count == 0 || param.Choices.Contains(scalar.Text) => JsonSerializer.SerializeToElement(scalar.Text),
            _ => null,
        };
    }

    private static bool TryWhole(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static bool IsWithin(StageParam param, double value) => value >= param.Minimum && value <= param.Maximum;
}
