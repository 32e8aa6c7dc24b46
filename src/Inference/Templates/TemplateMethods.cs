using System.Globalization;

namespace AdaptiveKv.Inference.Templates;

/// <summary>Methods of Python's texts and mappings, and the filters of the same meaning.</summary>
internal static class TemplateMethods
{
    /// <summary>A method of a text; null where there is none.</summary>
    public static TemplateFunction? Of(MarkedText text, string name) => name switch
    {
        "strip" => (scope, given) => Strip(text, given.Text(scope, 0, "chars"), start: true, end: true),
        "lstrip" => (scope, given) => Strip(text, given.Text(scope, 0, "chars"), start: true, end: false),
        "rstrip" => (scope, given) => Strip(text, given.Text(scope, 0, "chars"), start: false, end: true),
        "startswith" => (scope, given) => text.Value.StartsWith(Required(scope, given, "prefix"), StringComparison.Ordinal),
        "endswith" => (scope, given) => text.Value.EndsWith(Required(scope, given, "suffix"), StringComparison.Ordinal),
        "split" => (scope, given) => Split(scope, text, given),
        "replace" => (scope, given) => Replace(scope, text, given),
        "upper" => (_, _) => text.With(text.Value.ToUpperInvariant()),
        "lower" => (_, _) => text.With(text.Value.ToLowerInvariant()),
        "capitalize" => (_, _) => Capitalized(text),
        "title" => (_, _) => text.With(CultureInfo.InvariantCulture.TextInfo.ToTitleCase(text.Value.ToLowerInvariant())),
        _ => null,
    };

    /// <summary>A method of a mapping; null where there is none.</summary>
    public static TemplateFunction? Of(OrderedDictionary<string, object?> map, string name) => name switch
    {
        "items" => (_, _) => Pairs(map),
        "keys" => (_, _) => map.Keys.Select(object? (key) => MarkedText.OfConversation(key)).ToList(),
        "values" => (_, _) => map.Values.ToList(),
        "get" => (scope, given) => map.TryGetValue(Required(scope, given, "key"), out object? value) ? value : given.At(1, "default"),
        _ => null,
    };

    /// <summary>Keys and values.</summary>
    public static List<object?> Pairs(OrderedDictionary<string, object?> map) =>
        [.. map.Select(pair => new List<object?> { MarkedText.OfConversation(pair.Key), pair.Value })];

    /// <summary>A text without characters at its ends; white space where none are given.</summary>
    public static MarkedText Strip(MarkedText text, MarkedText? characters, bool start, bool end)
    {
        (int from, int to) = (0, text.Value.Length);
        while (start && from < to && IsStripped(text.Value[from]))
        {
            from++;
        }

        while (end && to > from && IsStripped(text.Value[to - 1]))
        {
            to--;
        }

        return text[from..to];

        bool IsStripped(char character) => characters?.Value.Contains(character) ?? char.IsWhiteSpace(character);
    }

    private static MarkedText Capitalized(MarkedText text) => text.Value.Length == 0
        ? text
        : text.With(text.Value[..1].ToUpperInvariant() + text.Value[1..].ToLowerInvariant());

    private static string Required(TemplateScope scope, TemplateArguments given, string name) =>
        (given.Text(scope, 0, name) ?? throw scope.Run.Fault($"the argument '{name}' is missing")).Value;

    private static List<object?> Split(TemplateScope scope, MarkedText text, TemplateArguments given)
    {
        string? separator = given.Text(scope, 0, "sep")?.Value;
        if (separator?.Length == 0)
        {
            throw scope.Run.Fault("a text is not split at an empty text");
        }

        long most = given.At(1, "maxsplit") as long? ?? -1;
        MarkedText rest = separator is null ? Strip(text, null, start: true, end: true) : text;
        List<object?> parts = [];
        for (int at; parts.Count != most && (at = Next(rest.Value)) >= 0;)
        {
            parts.Add(rest[..at]);
            rest = separator is null ? Strip(rest[at..], null, start: true, end: false) : rest[(at + separator.Length)..];
            scope.Run.Made(rest);
        }

        return separator is null && rest.Value.Length == 0 ? parts : [.. parts, rest];

        int Next(string value) => separator is null
            ? value.TakeWhile(character => !char.IsWhiteSpace(character)).Count() is int length && length < value.Length ? length : -1
            : value.IndexOf(separator, StringComparison.Ordinal);
    }

    private static MarkedText Replace(TemplateScope scope, MarkedText text, TemplateArguments given)
    {
        string old = Required(scope, given, "old");
        MarkedText other = given.Text(scope, 1, "new") ?? throw scope.Run.Fault("the argument 'new' is missing");
        long most = given.At(2, "count") as long? ?? -1;
        List<MarkedText> parts = [];
        for (int at; old.Length > 0 && parts.Count / 2 != most && (at = text.Value.IndexOf(old, StringComparison.Ordinal)) >= 0; text = text[(at + old.Length)..])
        {
            parts.AddRange([scope.Run.Made(text)[..at], other]);
        }

        return scope.Run.Made(MarkedText.Join([.. parts, text]));
    }
}
