using Kind = AdaptiveKv.Inference.Templates.TemplateTokenKind;

namespace AdaptiveKv.Inference.Templates;

/// <summary>
/// Reads expressions of Jinja, with its precedence (jinja2, parser.py), into functions of the variables. What a chain of operators has is a list and not a nest, so
/// that no length of it takes a deep stack.
/// </summary>
/// <param name="tokens">The words.</param>
internal sealed partial class ExpressionParser(TokenCursor tokens)
{
    /// <summary>An expression.</summary>
    public TemplateExpression Read() => tokens.Nested(() =>
    {
        TemplateExpression value = ReadWithoutCondition();
        if (!tokens.TakeName("if"))
        {
            return value;
        }

        TemplateExpression condition = ReadWithoutCondition();
        TemplateExpression otherwise = tokens.TakeName("else") ? Read() : static _ => new Undefined("what an 'if' without 'else' gives");
        return scope => TemplateValue.IsTrue(condition(scope)) ? value(scope) : otherwise(scope);
    });

    /// <summary>An expression that does not end in 'if'.</summary>
    public TemplateExpression ReadWithoutCondition() => Logical("or", () => Logical("and", Not));

    private TemplateExpression Logical(string word, Func<TemplateExpression> operand)
    {
        List<TemplateExpression> operands = [operand()];
        while (tokens.TakeName(word))
        {
            operands.Add(operand());
        }

        return operands.Count == 1 ? operands[0] : scope =>
        {
            object? value = null;
            foreach (TemplateExpression each in operands)
            {
                value = each(scope);
                if (TemplateValue.IsTrue(value) == (word == "or"))
                {
                    break;
                }
            }

            return value;
        };
    }

    private TemplateExpression Not()
    {
        bool negates = false;
        bool any = false;
        for (; tokens.TakeName("not"); any = true)
        {
            negates = !negates;
        }

        TemplateExpression value = Comparison();
        return any ? scope => TemplateValue.IsTrue(value(scope)) != negates : value;
    }

    private TemplateExpression Comparison()
    {
        TemplateExpression first = Sum();
        List<(string Sign, TemplateExpression Operand)> rest = [];
        while (ComparisonSign() is { } sign)
        {
            rest.Add((sign, Sum()));
        }

        return rest.Count == 0 ? first : scope =>
        {
            object? left = first(scope);
            foreach ((string sign, TemplateExpression operand) in rest)
            {
                object? right = operand(scope);
                if (!TemplateValue.Compare(scope, sign, left, right))
                {
                    return false;
                }

                left = right;
            }

            return true;
        };
    }

    private string? ComparisonSign()
    {
        if (tokens.TakeName("in"))
        {
            return "in";
        }

        if (tokens.TakeName("not"))
        {
            return tokens.TakeName("in") ? "not in" : throw tokens.Unexpected("'in'");
        }

        return tokens.TakeOneOf("==", "!=", "<=", ">=", "<", ">");
    }

    private TemplateExpression Sum() => Arithmetic(Concatenation, "+", "-");

    private TemplateExpression Concatenation() => Arithmetic(Product, "~");

    private TemplateExpression Product() => Arithmetic(() => Unary(isFiltered: true), "*", "//", "/", "%");

    private TemplateExpression Arithmetic(Func<TemplateExpression> operand, params string[] signs)
    {
        TemplateExpression first = operand();
        List<(string Sign, TemplateExpression Operand)> rest = [];
        while (tokens.TakeOneOf(signs) is { } sign)
        {
            rest.Add((sign, operand()));
        }

        return rest.Count == 0
            ? first
            : scope => rest.Aggregate(first(scope), (left, part) => TemplateValue.Combine(scope, part.Sign, left, part.Operand(scope)));
    }

    private TemplateExpression Unary(bool isFiltered)
    {
        TemplateExpression value;
        if (tokens.TakeOperator("-"))
        {
            TemplateExpression positive = tokens.Nested(() => Unary(isFiltered: false));
            value = scope => TemplateValue.Combine(scope, "-", 0L, positive(scope));
        }
        else
        {
            value = Primary();
        }

        List<TemplateStep> steps = [];
        while (Step(isFiltered) is { } step)
        {
            steps.Add(step);
        }

        return steps.Count == 0 ? value : scope => steps.Aggregate(value(scope), (seen, step) => step(scope, seen));
    }

    /// <summary>What follows a value: a member, an element, a call, a filter, a test; null where nothing does.</summary>
    private TemplateStep? Step(bool isFiltered)
    {
        if (tokens.TakeOperator("."))
        {
            string name = tokens.Expect(Kind.Name, "the name of a member");
            return (scope, value) => TemplateValue.Member(scope, value, name);
        }

        if (tokens.TakeOperator("["))
        {
            return Subscript();
        }

        if (tokens.TakeOperator("("))
        {
            Func<TemplateScope, TemplateArguments> given = Arguments();
            return (scope, value) => value is TemplateFunction function
                ? function(scope, given(scope))
                : throw scope.Run.Fault($"{TemplateValue.Kind(value)} cannot be called");
        }

        return isFiltered && tokens.TakeOperator("|") ? Filter() : isFiltered && tokens.TakeName("is") ? Test() : null;
    }

    private TemplateStep Filter()
    {
        string name = tokens.Current.Text;
        TemplateFilters.Filter filter = TemplateFilters.Find(name) ?? throw tokens.Fault($"the filter '{name}' is not supported");
        tokens.Next();
        Func<TemplateScope, TemplateArguments> given = tokens.TakeOperator("(") ? Arguments() : static _ => TemplateArguments.None;
        return (scope, value) => filter(scope, value, given(scope));
    }

    private TemplateStep Test()
    {
        bool wanted = !tokens.TakeName("not");
        string name = tokens.Current.Text;
        TemplateTests.Test test = TemplateTests.Find(name) ?? throw tokens.Fault($"the test '{name}' is not supported");
        tokens.Next();
        Func<TemplateScope, TemplateArguments> given = static _ => TemplateArguments.None;
        if (tokens.TakeOperator("("))
        {
            given = Arguments();
        }
        else if (tokens.Current.Kind is Kind.String or Kind.Integer or Kind.Real || tokens.Is(Kind.Operator, "[")
            || (tokens.Current.Kind == Kind.Name && tokens.Current.Text is not ("and" or "or" or "if" or "else" or "is" or "in" or "not")))
        {
            TemplateExpression argument = Primary();
            given = scope => TemplateArguments.None with { Positional = [argument(scope)] };
        }

        return (scope, value) => test(scope, value, given(scope)) == wanted;
    }

    private TemplateStep Subscript()
    {
        TemplateExpression?[] parts = new TemplateExpression?[3];
        int colons = 0;
        for (; !tokens.TakeOperator("]"); colons += colons < 2 && tokens.TakeOperator(":") ? 1 : 0)
        {
            if (tokens.Is(Kind.Operator, ":"))
            {
                continue;
            }

            parts[colons] = parts[colons] is null ? Read() : throw tokens.Unexpected("']'");
        }

        (TemplateExpression? first, TemplateExpression? second, TemplateExpression? third) = (parts[0], parts[1], parts[2]);
        return colons > 0 ? (scope, value) => TemplateValue.Slice(scope, value, first?.Invoke(scope), second?.Invoke(scope), third?.Invoke(scope))
            : first is not null ? (scope, value) => TemplateValue.Item(scope, value, first(scope))
            : throw tokens.Fault("the brackets are empty");
    }

    private Func<TemplateScope, TemplateArguments> Arguments()
    {
        List<TemplateExpression> positional = [];
        List<(string Name, TemplateExpression Value)> named = [];
        while (!tokens.TakeOperator(")"))
        {
            TemplateToken word = tokens.Current;
            TemplateExpression value = Read();
            if (word.Kind == Kind.Name && tokens.TakeOperator("="))
            {
                named.Add((word.Text, Read()));
            }
            else
            {
                positional.Add(value);
            }

            if (!tokens.Is(Kind.Operator, ")"))
            {
                tokens.Expect(",");
            }
        }

        return scope => new TemplateArguments([.. positional.Select(value => value(scope))], named.ToDictionary(pair => pair.Name, pair => pair.Value(scope)));
    }
}

/// <summary>The value of an expression.</summary>
internal delegate object? TemplateExpression(TemplateScope scope);

/// <summary>What follows a value.</summary>
internal delegate object? TemplateStep(TemplateScope scope, object? value);
