using Kind = AdaptiveKv.Inference.Templates.TemplateTokenKind;

namespace AdaptiveKv.Inference.Templates;

/// <summary>Reads text and statements: if, for, set, macro, break, continue, and generation, whose marks for training mean nothing here.</summary>
/// <param name="tokens">The words.</param>
internal sealed class StatementParser(TokenCursor tokens)
{
    private const string Known = "known are if, for, set, macro, break, continue, generation";

    private readonly ExpressionParser expressions = new(tokens);
    private int loops;

    /// <summary>A whole template.</summary>
    public TemplateStatement Read() => Body();

    /// <summary>What comes before one of these statements, or the end; the place is behind the statement's name.</summary>
    private TemplateStatement Body(params string[] ends) => tokens.Nested(() =>
    {
        int line = tokens.Current.Line;
        List<(int Line, TemplateStatement Run)> statements = [];
        while (true)
        {
            TemplateToken word = tokens.Next();
            switch (word.Kind)
            {
                case Kind.Text:
                    MarkedText text = MarkedText.OfTemplate(word.Text);
                    statements.Add((word.Line, scope => Write(scope, text)));
                    break;
                case Kind.Print:
                    TemplateExpression value = expressions.Read();
                    Close();
                    statements.Add((word.Line, scope => Write(scope, TemplateValue.Print(scope, value(scope)))));
                    break;
                case Kind.Statement when ends.Contains(tokens.Current.Text):
                    return Sequence(statements);
                case Kind.Statement:
                    statements.Add((word.Line, Statement()));
                    break;
                case Kind.End when ends.Length == 0:
                    return Sequence(statements);
                default:
                    throw TokenCursor.Fault(tokens.Path, line, $"the statement does not end: '{ends[^1]}' is missing");
            }
        }
    });

    private static TemplateStatement Sequence(List<(int Line, TemplateStatement Run)> statements) => scope =>
    {
        foreach ((int line, TemplateStatement run) in statements)
        {
            scope.Run.Line = line;
            TemplateFlow flow = run(scope);
            if (flow != TemplateFlow.Next)
            {
                return flow;
            }
        }

        return TemplateFlow.Next;
    };

    private static TemplateFlow Write(TemplateScope scope, MarkedText text)
    {
        scope.Run.Write(text);
        return TemplateFlow.Next;
    }

    private TemplateStatement Statement()
    {
        string name = tokens.Current.Text;
        switch (name)
        {
            case "if":
                return If();
            case "for":
                return For();
            case "set":
                return Set();
            case "macro":
                return Macro();
            case "break" or "continue" when loops > 0:
                Close(name);
                TemplateFlow flow = name == "break" ? TemplateFlow.Break : TemplateFlow.Continue;
                return _ => flow;
            case "generation":
                Close(name);
                TemplateStatement inner = Body("endgeneration");
                Close("endgeneration");
                return inner;
            default:
                throw tokens.Fault($"the statement '{name}' is not supported here: {Known}");
        }
    }

    private TemplateStatement If()
    {
        List<(TemplateExpression Condition, TemplateStatement Body)> branches = [];
        while (tokens.TakeName("if") || tokens.TakeName("elif"))
        {
            TemplateExpression condition = expressions.Read();
            Close();
            branches.Add((condition, Body("elif", "else", "endif")));
        }

        if (tokens.Is(Kind.Name, "else"))
        {
            Close("else");
            branches.Add((_ => true, Body("endif")));
        }

        Close("endif");
        return scope => branches.FirstOrDefault(branch => TemplateValue.IsTrue(branch.Condition(scope))).Body?.Invoke(scope) ?? TemplateFlow.Next;
    }

    private TemplateStatement For()
    {
        tokens.Next();
        Action<TemplateScope, object?> assign = Targets("a loop");
        if (!tokens.TakeName("in"))
        {
            throw tokens.Unexpected("'in'");
        }

        TemplateExpression elements = expressions.ReadWithoutCondition();
        TemplateExpression? condition = tokens.TakeName("if") ? expressions.Read() : null;
        Close();
        loops++;
        TemplateStatement body = Body("else", "endfor");
        loops--;
        TemplateStatement? otherwise = null;
        if (tokens.Is(Kind.Name, "else"))
        {
            Close("else");
            otherwise = Body("endfor");
        }

        Close("endfor");
        return scope =>
        {
            List<object?> chosen = TemplateValue.Elements(scope, elements(scope));
            chosen = condition is null ? chosen : [.. chosen.Where(element => TemplateValue.IsTrue(condition(Inner(scope, assign, element))))];
            for (int index = 0; index < chosen.Count; index++)
            {
                TemplateScope inner = Inner(scope, assign, chosen[index]);
                inner["loop"] = Loop(chosen, index);
                scope.Run.Spend(1);
                if (body(inner) == TemplateFlow.Break)
                {
                    break;
                }
            }

            return chosen.Count == 0 && otherwise is not null ? otherwise(scope) : TemplateFlow.Next;
        };
    }

    private static TemplateScope Inner(TemplateScope scope, Action<TemplateScope, object?> assign, object? element)
    {
        TemplateScope inner = new(scope.Run, scope);
        assign(inner, element);
        return inner;
    }

    private static OrderedDictionary<string, object?> Loop(List<object?> elements, int index) => new()
    {
        ["index"] = index + 1L,
        ["index0"] = (long)index,
        ["revindex"] = (long)elements.Count - index,
        ["revindex0"] = elements.Count - index - 1L,
        ["first"] = index == 0,
        ["last"] = index == elements.Count - 1,
        ["length"] = (long)elements.Count,
        ["previtem"] = index > 0 ? elements[index - 1] : new Undefined("loop.previtem"),
        ["nextitem"] = index < elements.Count - 1 ? elements[index + 1] : new Undefined("loop.nextitem"),
        ["cycle"] = (TemplateFunction)((_, given) => given.Positional.Count > 0 ? given.Positional[index % given.Positional.Count] : null),
    };

    private TemplateStatement Set()
    {
        tokens.Next();
        Action<TemplateScope, object?> assign = Targets("set");
        if (tokens.TakeOperator("="))
        {
            TemplateExpression value = expressions.Read();
            Close();
            return scope =>
            {
                assign(scope, value(scope));
                return TemplateFlow.Next;
            };
        }

        Close();
        TemplateStatement body = Body("endset");
        Close("endset");
        return scope =>
        {
            assign(scope, scope.Run.Aside(() => body(new TemplateScope(scope.Run, scope))));
            return TemplateFlow.Next;
        };
    }

    // What a value is given to: a name, a namespace's member, or several of them.
    private Action<TemplateScope, object?> Targets(string what)
    {
        List<Action<TemplateScope, object?>> targets = [];
        do
        {
            string name = tokens.Expect(Kind.Name, $"the name of {what}'s variable");
            string? member = tokens.TakeOperator(".") ? tokens.Expect(Kind.Name, "the name of a member") : null;
            targets.Add((scope, value) =>
            {
                if (member is null)
                {
                    scope[name] = value;
                    return;
                }

                (scope[name] as TemplateNamespace ?? throw scope.Run.Fault($"'{name}' is no namespace: its members cannot be set")).Values[member] = value;
            });
        }
        while (tokens.TakeOperator(","));
        return targets.Count == 1 ? targets[0] : (scope, value) =>
        {
            List<object?> parts = TemplateValue.Elements(scope, value);
            if (parts.Count != targets.Count)
            {
                throw scope.Run.Fault($"{parts.Count} values for {targets.Count} variables");
            }

            for (int i = 0; i < parts.Count; i++)
            {
                targets[i](scope, parts[i]);
            }
        };
    }

    private TemplateStatement Macro()
    {
        tokens.Next();
        string name = tokens.Expect(Kind.Name, "the name of a macro");
        tokens.Expect("(");
        List<(string Name, TemplateExpression? Preset)> parameters = [];
        while (!tokens.TakeOperator(")"))
        {
            string parameter = tokens.Expect(Kind.Name, "the name of a parameter");
            parameters.Add((parameter, tokens.TakeOperator("=") ? expressions.Read() : null));
            if (!tokens.Is(Kind.Operator, ")"))
            {
                tokens.Expect(",");
            }
        }

        Close();
        TemplateStatement body = Body("endmacro");
        Close("endmacro");
        return outer =>
        {
            outer[name] = (TemplateFunction)((_, given) => outer.Run.Call(() =>
            {
                TemplateScope scope = new(outer.Run, outer);
                for (int i = 0; i < parameters.Count; i++)
                {
                    (string parameter, TemplateExpression? preset) = parameters[i];
                    scope[parameter] = given.Has(i, parameter) ? given.At(i, parameter) : preset is null ? new Undefined(parameter) : preset(scope);
                }

                body(scope);
            }));
            return TemplateFlow.Next;
        };
    }

    private void Close(string name)
    {
        if (!tokens.TakeName(name))
        {
            throw tokens.Unexpected($"'{name}'");
        }

        Close();
    }

    private void Close() => tokens.Expect(Kind.Close, "the end of the tag");
}
