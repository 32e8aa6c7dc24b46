using System.Globalization;
using System.Text;

namespace AdaptiveKv.Inference.Templates;

/// <summary>JSON as Python's json.dumps writes it with ensure_ascii off, which is what chat templates are rendered with.</summary>
internal static class TemplateJson
{
    /// <summary>The document, which counts as the conversation's words.</summary>
    /// <param name="scope">Where it is written.</param>
    /// <param name="value">The value.</param>
    /// <param name="indent">Blanks for each level; null for one line.</param>
    public static MarkedText Write(TemplateScope scope, object? value, int? indent)
    {
        StringBuilder json = new();
        Write(scope, json, value, indent, 0);
        return scope.Run.Made(MarkedText.OfConversation(json.ToString()));
    }

    private static void Write(TemplateScope scope, StringBuilder json, object? value, int? indent, int level)
    {
        scope.Run.Spend(1);
        switch (value)
        {
            case MarkedText text:
                Write(json, text.Value);
                break;
            case bool flag:
                json.Append(flag ? "true" : "false");
                break;
            case null:
                json.Append("null");
                break;
            case List<object?> list:
                Write(json, '[', ']', list.Select(Action (element) => () => Write(scope, json, element, indent, level + 1)), indent, level);
                break;
            case OrderedDictionary<string, object?> map:
                Write(json, '{', '}', map.Select(Action (pair) => () => Write(scope, json, pair, indent, level + 1)), indent, level);
                break;
            case long or double:
                json.Append(TemplateValue.Print(scope, value));
                break;
            default:
                throw scope.Run.Fault($"{TemplateValue.Kind(value)} cannot be written as JSON");
        }
    }

    private static void Write(TemplateScope scope, StringBuilder json, KeyValuePair<string, object?> pair, int? indent, int level)
    {
        Write(json, pair.Key);
        json.Append(": ");
        Write(scope, json, pair.Value, indent, level);
    }

    private static void Write(StringBuilder json, char open, char close, IEnumerable<Action> elements, int? indent, int level)
    {
        json.Append(open);
        bool any = false;
        foreach (Action element in elements)
        {
            json.Append(any ? indent is null ? ", " : "," : string.Empty);
            Break(level + 1);
            element();
            any = true;
        }

        if (any)
        {
            Break(level);
        }

        json.Append(close);

        void Break(int depth)
        {
            if (indent is { } width)
            {
                json.Append('\n').Append(' ', width * depth);
            }
        }
    }

    private static void Write(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (char character in text)
        {
            _ = character switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => json.Append(character),
            };
        }

        json.Append('"');
    }
}
