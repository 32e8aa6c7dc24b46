namespace AdaptiveKv.Pipeline.Files;

/// <summary>A value from the command line that takes the place of the file's.</summary>
/// <param name="Stage">The stage it is for; null for a value under the document's own <c>params:</c>.</param>
/// <param name="Name">The parameter.</param>
/// <param name="Value">Its new value.</param>
internal sealed record ParamOverride(string? Stage, string Name, YamlNode Value)
{
    /// <summary>What to call it in messages.</summary>
    public string Where => Value.Where;

    /// <summary>Reads "train.lr=3e-4" or "seed=7".</summary>
    /// <exception cref="ConfigurationException">It is not of this form.</exception>
    public static ParamOverride Parse(string text)
    {
        string where = $"-S {text}";
        string[] halves = text.Split('=', 2);
        string[] names = halves[0].Split('.');
        if (halves.Length < 2 || names.Length > 2 || names.Contains(string.Empty))
        {
            const string Problem = "expected stage.param=value, or param=value for one under the file's own params";
            throw new ConfigurationException([new ConfigurationFault(where, string.Empty, Problem)]);
        }

        return new ParamOverride(names.Length == 2 ? names[0] : null, names[^1], YamlReader.ReadText(halves[1], where));
    }
}
