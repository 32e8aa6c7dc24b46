namespace AdaptiveKv.Pipeline.Files;

/// <summary>A value from the command line that takes the place of the file's.</summary>
/// <param name="Stage">The stage or the group of stages it is for; null for a value under the document's own <c>params:</c>.</param>
/// <param name="Name">The parameter.</param>
/// <param name="Value">Its new value.</param>
internal sealed record ParamOverride(string? Stage, string Name, YamlNode Value)
{
    /// <summary>What to call it in messages.</summary>
    public string Where => Value.Where;

    /// <summary>Whether it is for a stage.</summary>
    public bool IsFor(string stage) => Stage is not null && StageGroup.Holds(Stage, stage);

    /// <summary>Reads "train.lr=3e-4" or "seed=7".</summary>
    /// <exception cref="ConfigurationException">It is not of this form.</exception>
    public static ParamOverride Parse(string text)
    {
        string where = $"-S {text}";
        string[] halves = text.Split('=', 2);
        // The key of a repeated stage may hold dots: train@2.5.lr.
        int dot = halves[0].LastIndexOf('.');
        string? stage = dot < 0 ? null : halves[0][..dot];
        string name = halves[0][(dot + 1)..];
        if (halves.Length < 2 || name.Length == 0 || stage is { Length: 0 } || stage?.Split('@')[0].Contains('.') == true)
        {
            const string Problem = "expected stage.param=value, or param=value for one under the file's own params";
            throw new ConfigurationException([new ConfigurationFault(where, string.Empty, Problem)]);
        }

        return new ParamOverride(stage, name, YamlReader.ReadText(halves[1], where));
    }
}
