using System.Globalization;

namespace AdaptiveKv.Inference.Templates;

/// <summary>The filters of Jinja that chat templates use.</summary>
internal static class TemplateFilters
{
    private static readonly Dictionary<string, Filter> Known = new(StringComparer.Ordinal)
    {
        ["abs"] = (scope, value, _) => value switch { long number => (object)Math.Abs(number), double number => Math.Abs(number), _ => throw scope.Run.Fault($"{TemplateValue.Kind(value)} is no number") },
        ["capitalize"] = Method("capitalize"),
        ["default"] = Default,
        ["d"] = Default,
        ["first"] = (scope, value, _) => TemplateValue.Elements(scope, value) is [var first, ..] ? first : new Undefined("first"),
        ["float"] = (_, value, _) => ToReal(value),
        ["indent"] = Indent,
        ["int"] = (_, value, _) => (long)ToReal(value),
        ["items"] = (scope, value, _) => value switch
        {
            OrderedDictionary<string, object?> map => TemplateMethods.Pairs(map),
            Undefined => new List<object?>(),
            _ => throw scope.Run.Fault($"{TemplateValue.Kind(value)} has no items"),
        },
        ["join"] = Join,
        ["last"] = (scope, value, _) => TemplateValue.Elements(scope, value) is [.., var last] ? last : new Undefined("last"),
        ["length"] = (scope, value, _) => (long)TemplateValue.Elements(scope, value).Count,
        ["count"] = (scope, value, _) => (long)TemplateValue.Elements(scope, value).Count,
        ["list"] = (scope, value, _) => TemplateValue.Elements(scope, value).ToList(),
        ["lower"] = Method("lower"),
        ["map"] = Map,
        ["reject"] = (scope, value, given) => Chosen(scope, value, given, ofMember: false, wanted: false),
        ["rejectattr"] = (scope, value, given) => Chosen(scope, value, given, ofMember: true, wanted: false),
        ["replace"] = Method("replace"),
        ["reverse"] = (scope, value, _) => TemplateValue.Slice(scope, value, null, null, -1L),
        ["safe"] = (_, value, _) => value,
        ["select"] = (scope, value, given) => Chosen(scope, value, given, ofMember: false, wanted: true),
        ["selectattr"] = (scope, value, given) => Chosen(scope, value, given, ofMember: true, wanted: true),
        ["string"] = (scope, value, _) => TemplateValue.Print(scope, value),
        ["title"] = Method("title"),
        ["tojson"] = (scope, value, given) => TemplateJson.Write(scope, value, given.At(0, "indent") is long indent ? (int)Math.Clamp(indent, 0, 16) : null),
        ["trim"] = (scope, value, given) => TemplateMethods.Strip(TemplateValue.Print(scope, value), given.Text(scope, 0, "chars"), start: true, end: true),
        ["upper"] = Method("upper"),
    };

    /// <summary>Applies one to a value.</summary>
    public delegate object? Filter(TemplateScope scope, object? value, TemplateArguments given);

    /// <summary>The filter of a name; null where there is none.</summary>
    public static Filter? Find(string name) => Known.GetValueOrDefault(name);

    private static Filter Method(string name) => (scope, value, given) => TemplateMethods.Of(TemplateValue.Print(scope, value), name)!(scope, given);

    private static object? Default(TemplateScope scope, object? value, TemplateArguments given) =>
        value is Undefined || (TemplateValue.IsTrue(given.At(1, "boolean")) && !TemplateValue.IsTrue(value)) ? (given.Has(0, "default_value") ? given.At(0, "default_value") : MarkedText.Empty) : value;

    private static double ToReal(object? value) => value switch
    {
        long number => number,
        double number => number,
        MarkedText text when double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        true => 1,
        _ => 0,
    };

    private static MarkedText Join(TemplateScope scope, object? value, TemplateArguments given)
    {
        MarkedText separator = given.Text(scope, 0, "d") ?? MarkedText.Empty;
        List<MarkedText> parts = [];
        foreach (object? element in TemplateValue.Elements(scope, value))
        {
            object? part = given.Text(scope, 1, "attribute") is { } name ? TemplateValue.Item(scope, element, name) : element;
            parts.AddRange([parts.Count > 0 ? separator : MarkedText.Empty, TemplateValue.Print(scope, part)]);
        }

        return scope.Run.Made(MarkedText.Join(parts));
    }

    private static MarkedText Indent(TemplateScope scope, object? value, TemplateArguments given)
    {
        MarkedText margin = given.At(0, "width") is MarkedText own ? own : MarkedText.OfTemplate(new string(' ', (int)Math.Clamp(given.At(0, "width") as long? ?? 4, 0, 100)));
        List<object?> lines = (List<object?>)TemplateMethods.Of(TemplateValue.Print(scope, value), "split")!(scope, new([MarkedText.OfTemplate("\n")], TemplateArguments.None.Named))!;
        bool first = TemplateValue.IsTrue(given.At(1, "first"));
        bool blank = TemplateValue.IsTrue(given.At(2, "blank"));
        MarkedText end = MarkedText.OfTemplate("\n");
        return scope.Run.Made(MarkedText.Join([.. lines.Cast<MarkedText>().SelectMany((line, index) => (MarkedText[])
            [index > 0 ? end : MarkedText.Empty, (index > 0 ? blank || line.Value.Length > 0 : first) ? margin : MarkedText.Empty, line])]));
    }

    private static List<object?> Map(TemplateScope scope, object? value, TemplateArguments given)
    {
        if (given.Text(scope, 0, "attribute") is not { } name)
        {
            throw scope.Run.Fault("'map' takes an attribute or the name of a filter");
        }

        Filter? filter = given.Positional.Count > 0 ? Find(name.Value) ?? throw scope.Run.Fault($"there is no filter '{name.Value}'") : null;
        return [.. TemplateValue.Elements(scope, value).Select(element => filter is null ? TemplateValue.Item(scope, element, name) : filter(scope, element, given.From(1)))];
    }

    private static List<object?> Chosen(TemplateScope scope, object? value, TemplateArguments given, bool ofMember, bool wanted)
    {
        MarkedText? member = ofMember ? given.Text(scope, 0, "attribute") ?? throw scope.Run.Fault("the attribute is missing") : null;
        TemplateArguments rest = given.From(ofMember ? 1 : 0);
        string? name = rest.Text(scope, 0, "test")?.Value;
        TemplateTests.Test test = name is null ? (_, element, _) => TemplateValue.IsTrue(element) : TemplateTests.Find(name) ?? throw scope.Run.Fault($"there is no test '{name}'");
        return [.. TemplateValue.Elements(scope, value).Where(element => test(scope, member is null ? element : TemplateValue.Item(scope, element, member), rest.From(1)) == wanted)];
    }
}
