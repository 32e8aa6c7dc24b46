using System.Globalization;

namespace AdaptiveKv.Inference.Templates;

/// <summary>
/// Values of a template as Python sees them: null is none, numbers are long or double, texts <see cref="MarkedText"/>, lists <see cref="List{T}"/>, mappings
/// <see cref="OrderedDictionary{TKey, TValue}"/>.
/// </summary>
internal static class TemplateValue
{
    /// <summary>Whether a value counts as true.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        MarkedText text => text.Value.Length > 0,
        List<object?> list => list.Count > 0,
        OrderedDictionary<string, object?> map => map.Count > 0,
        _ => true,
    };

    /// <summary>A value as it is printed.</summary>
    public static MarkedText Print(TemplateScope scope, object? value) => value switch
    {
        MarkedText text => text,
        Undefined => MarkedText.Empty,
        null => MarkedText.OfTemplate("None"),
        bool flag => MarkedText.OfTemplate(flag ? "True" : "False"),
        long number => MarkedText.OfTemplate(number.ToString(CultureInfo.InvariantCulture)),
        double number => MarkedText.OfTemplate(Text(number)),
        _ => throw scope.Run.Fault($"{Kind(value)} cannot be printed; a template prints it with 'tojson'"),
    };

    /// <summary>A number as Python writes it.</summary>
    public static string Text(double number)
    {
        string text = number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
        return double.IsFinite(number) && !text.Contains('.') && !text.Contains('e') ? text + ".0" : text;
    }

    /// <summary>Whether two values are equal.</summary>
    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (long or double, long or double) => Number(left) == Number(right),
        (List<object?> one, List<object?> other) => one.Count == other.Count && one.Zip(other).All(pair => AreEqual(pair.First, pair.Second)),
        (OrderedDictionary<string, object?> one, OrderedDictionary<string, object?> other) =>
            one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out object? value) && AreEqual(pair.Value, value)),
        (Undefined, Undefined) => true,
        _ => Equals(left, right),
    };

    /// <summary>A comparison.</summary>
    public static bool Compare(TemplateScope scope, string sign, object? left, object? right)
    {
        switch (sign)
        {
            case "==" or "!=":
                return AreEqual(left, right) == (sign == "==");
            case "in" or "not in":
                return IsIn(scope, left, right) == (sign == "in");
        }

        int order = (left, right) switch
        {
            (MarkedText one, MarkedText other) => string.CompareOrdinal(one.Value, other.Value),
            (long or double, long or double) => Number(left).CompareTo(Number(right)),
            _ => throw scope.Run.Fault($"'{sign}' does not compare {Kind(left)} with {Kind(right)}"),
        };
        return sign switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    /// <summary>A result of arithmetic, or texts and lists that are joined or repeated.</summary>
    public static object? Combine(TemplateScope scope, string sign, object? left, object? right) => (left, sign, right) switch
    {
        (_, "~", _) => scope.Run.Made(Print(scope, left) + Print(scope, right)),
        (MarkedText one, "+", MarkedText other) => scope.Run.Made(one + other),
        (List<object?> one, "+", List<object?> other) => Counted(scope, [.. one, .. other]),
        (MarkedText text, "*", long count) => Repeated(scope, text, count),
        (long or double, "/", long or double) => Number(left) / Divisor(scope, Number(right)),
        (long one, "//", long other) => (long)Math.Floor(one / Divisor(scope, other)),
        (long one, "%", long other) => ((one % (long)Divisor(scope, other)) + other) % other,
        (long one, "+", long other) => one + other,
        (long one, "-", long other) => one - other,
        (long one, "*", long other) => one * other,
        (long or double, "+", long or double) => Number(left) + Number(right),
        (long or double, "-", long or double) => Number(left) - Number(right),
        (long or double, "*", long or double) => Number(left) * Number(right),
        (Undefined none, _, _) => throw scope.Run.Fault($"'{none.Name}' is undefined"),
        (_, _, Undefined none) => throw scope.Run.Fault($"'{none.Name}' is undefined"),
        _ => throw scope.Run.Fault($"'{sign}' does not take {Kind(left)} and {Kind(right)}"),
    };

    /// <summary>The elements that a loop goes through.</summary>
    public static List<object?> Elements(TemplateScope scope, object? value) => Counted(scope, value switch
    {
        List<object?> list => list,
        OrderedDictionary<string, object?> map => [.. map.Keys.Select(MarkedText.OfConversation)],
        MarkedText text => [.. Enumerable.Range(0, text.Value.Length).Select(i => text[i..(i + 1)])],
        Undefined => [],
        _ => throw scope.Run.Fault($"{Kind(value)} has no elements"),
    });

    /// <summary>value[key].</summary>
    public static object? Item(TemplateScope scope, object? value, object? key) => (value, key) switch
    {
        (List<object?> list, long index) => index < list.Count && index >= -list.Count ? list[(int)(index < 0 ? index + list.Count : index)] : new Undefined($"[{index}]"),
        (MarkedText text, long index) => index < text.Value.Length && index >= -text.Value.Length
            ? text[(int)(index < 0 ? index + text.Value.Length : index)..][..1]
            : new Undefined($"[{index}]"),
        (OrderedDictionary<string, object?> map, MarkedText name) => map.TryGetValue(name.Value, out object? found) ? found : new Undefined(name.Value),
        (_, MarkedText name) => Member(scope, value, name.Value),
        (Undefined none, _) => throw scope.Run.Fault($"'{none.Name}' is undefined"),
        _ => new Undefined($"[{(key is long number ? number : Kind(key))}]"),
    };

    /// <summary>value.name.</summary>
    public static object? Member(TemplateScope scope, object? value, string name) => value switch
    {
        MarkedText text => TemplateMethods.Of(text, name) ?? (object)new Undefined(name),
        OrderedDictionary<string, object?> map => TemplateMethods.Of(map, name) ?? (map.TryGetValue(name, out object? found) ? found : new Undefined(name)),
        TemplateNamespace variables => variables.Values.TryGetValue(name, out object? found) ? found : new Undefined(name),
        Undefined none => throw scope.Run.Fault($"'{none.Name}' is undefined, and so has no '{name}'"),
        _ => new Undefined(name),
    };

    /// <summary>value[from:to:step].</summary>
    public static object? Slice(TemplateScope scope, object? value, object? from, object? to, object? step)
    {
        long stride = step as long? ?? 1;
        int length = value switch { List<object?> list => list.Count, MarkedText text => text.Value.Length, _ => throw scope.Run.Fault($"{Kind(value)} has no slices") };
        if (stride == 0)
        {
            throw scope.Run.Fault("a slice with a step of 0");
        }

        long first = Bound(from, stride > 0 ? 0 : length - 1);
        long end = Bound(to, stride > 0 ? length : -1);
        List<int> places = [];
        for (long place = first; stride > 0 ? place < end : place > end; place += stride)
        {
            places.Add((int)place);
        }

        return value is MarkedText all
            ? scope.Run.Made(stride == 1 && places.Count > 0 ? all[places[0]..(places[^1] + 1)] : MarkedText.Join([.. places.Select(place => all[place..(place + 1)])]))
            : Counted(scope, [.. places.Select(place => ((List<object?>)value!)[place])]);

        long Bound(object? given, long otherwise) => given is not long place
            ? otherwise
            : Math.Clamp(place < 0 ? place + length : place, stride > 0 ? 0 : -1, stride > 0 ? length : length - 1);
    }

    /// <summary>What a value is, for people.</summary>
    public static string Kind(object? value) => value switch
    {
        null => "none",
        Undefined none => $"'{none.Name}', which is undefined,",
        bool => "true or false",
        long or double => "a number",
        MarkedText => "a text",
        List<object?> => "a list",
        OrderedDictionary<string, object?> or TemplateNamespace => "a mapping",
        _ => "a function",
    };

    private static double Number(object? value) => value is long whole ? whole : (double)value!;

    private static double Divisor(TemplateScope scope, double number) => number != 0 ? number : throw scope.Run.Fault("a division by 0");

    private static bool IsIn(TemplateScope scope, object? element, object? value) => value switch
    {
        MarkedText text => element is MarkedText part ? text.Value.Contains(part.Value, StringComparison.Ordinal) : throw scope.Run.Fault($"{Kind(element)} is in no text"),
        OrderedDictionary<string, object?> map => element is MarkedText name && map.ContainsKey(name.Value),
        _ => Elements(scope, value).Exists(other => AreEqual(element, other)),
    };

    private static MarkedText Repeated(TemplateScope scope, MarkedText text, long count)
    {
        MarkedText repeated = MarkedText.Empty;
        for (long done = 0; done < count; done++)
        {
            repeated = scope.Run.Made(repeated + text);
        }

        return repeated;
    }

    private static List<object?> Counted(TemplateScope scope, List<object?> list)
    {
        scope.Run.Spend(list.Count * (long)TemplateRun.ElementWork);
        return list;
    }
}
