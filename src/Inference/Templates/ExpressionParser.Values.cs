using System.Globalization;
using Kind = AdaptiveKv.Inference.Templates.TemplateTokenKind;

namespace AdaptiveKv.Inference.Templates;

// What stands between operators: literals, names, brackets.
internal sealed partial class ExpressionParser
{
    private TemplateExpression Primary()
    {
        TemplateToken word = tokens.Next();
        switch (word.Kind)
        {
            case Kind.String:
                MarkedText text = MarkedText.OfTemplate(word.Text);
                while (tokens.Current.Kind == Kind.String)
                {
                    text += MarkedText.OfTemplate(tokens.Next().Text);
                }

                return _ => text;
            case Kind.Integer when long.TryParse(word.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long number):
                return _ => number;
            case Kind.Real when double.TryParse(word.Text, CultureInfo.InvariantCulture, out double number):
                return _ => number;
            case Kind.Name:
                return Named(word.Text);
            case Kind.Operator when word.Text == "(":
                return Parenthesis();
            case Kind.Operator when word.Text == "[":
                List<TemplateExpression> elements = Until("]", Read);
                return scope => elements.Select(element => element(scope)).ToList();
            case Kind.Operator when word.Text == "{":
                List<(TemplateExpression Name, TemplateExpression Value)> pairs = Until("}", Pair);
                return scope => new OrderedDictionary<string, object?>(pairs.Select(pair =>
                    KeyValuePair.Create(TemplateValue.Print(scope, pair.Name(scope)).Value, pair.Value(scope))));
            default:
                throw TokenCursor.Fault(tokens.Path, word.Line, $"'{word.Text}' is no value");
        }
    }

    private static TemplateExpression Named(string name) => name switch
    {
        "true" or "True" => _ => true,
        "false" or "False" => _ => false,
        "none" or "None" => _ => null,
        _ => scope => scope[name],
    };

    // A value in brackets, or several as a list.
    private TemplateExpression Parenthesis()
    {
        if (tokens.TakeOperator(")"))
        {
            return _ => new List<object?>();
        }

        TemplateExpression only = Read();
        if (tokens.TakeOperator(")"))
        {
            return only;
        }

        tokens.Expect(",");
        List<TemplateExpression> elements = [only, .. Until(")", Read)];
        return scope => elements.Select(element => element(scope)).ToList();
    }

    private (TemplateExpression Name, TemplateExpression Value) Pair()
    {
        TemplateExpression name = Read();
        tokens.Expect(":");
        return (name, Read());
    }

    private List<T> Until<T>(string end, Func<T> read)
    {
        List<T> elements = [];
        while (!tokens.TakeOperator(end))
        {
            elements.Add(read());
            if (!tokens.Is(Kind.Operator, end))
            {
                tokens.Expect(",");
            }
        }

        return elements;
    }
}
