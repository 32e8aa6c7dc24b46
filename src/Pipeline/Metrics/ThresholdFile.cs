using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Metrics;

/// <summary>
/// A YAML or JSON file of what metrics must hold, by their paths:
/// <c>thresholds: {policies.static-4.accuracy: {min: 0.4, max-worse: 3, spread: 0.01}}</c>.
/// </summary>
public static class ThresholdFile
{
    private static readonly string[] Rules = ["min", "max", "max-drop", "max-rise", "max-worse"];
    private static readonly string[] Keys = [.. Rules, "spread"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ConfigurationException">It is wrong.</exception>
    public static IReadOnlyList<Threshold> Read(string path)
    {
        FaultList faults = new();
        YamlFields document = new(YamlReader.ReadFile(path), string.Empty, ["thresholds"], faults);
        List<Threshold> thresholds = [];
        foreach (YamlEntry entry in YamlFields.EntriesOf(document["thresholds"], "thresholds", faults))
        {
            string key = $"thresholds.{entry.Key}";
            YamlFields rules = new(entry.Value, key, Keys, faults);
            double?[] limits = [.. Keys.Select(rule => rules[rule] is { } node ? Number(rule, node, $"{key}.{rule}", faults) : null)];
            if (Keys.All(rule => rules[rule] is null))
            {
                faults.Add(entry.Where, key, $"demands nothing: expected one or more of {string.Join(", ", Rules)}");
            }

            thresholds.Add(new Threshold(entry.Key, limits[0], limits[1], limits[2], limits[3], limits[4], limits[5], entry.Where));
        }

        faults.ThrowIfAny();
        if (thresholds.Count == 0)
        {
            faults.Add($"{path}:1", "thresholds", "none is here: expected thresholds: {metric: {min: ...}}");
            faults.ThrowIfAny();
        }

        return thresholds;
    }

    private static double? Number(string rule, YamlNode node, string key, FaultList faults)
    {
        bool isDistance = rule is not ("min" or "max");
        StageParam param = new(rule, ParamType.Number, rule) { Minimum = isDistance ? 0 : double.NegativeInfinity };
        return ParamReader.Read(param, node, key, faults)?.GetDouble();
    }
}
