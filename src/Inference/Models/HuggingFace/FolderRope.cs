using System.Text.Json;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>
/// Rotary embedding of a config.json. transformers 4 keeps the base beside the scaling ("rope_theta", "rope_scaling"), transformers 5 within
/// it ("rope_parameters"), under either name. A newer file that an older version saves again has both, the outer one with a default: the inner
/// one counts. Scaled frequencies are refused unless they scale by 1.
/// </summary>
internal static class FolderRope
{
    private const double DefaultBase = 10000;

    private static readonly string[] Sections = ["rope_parameters", "rope_scaling"];

    /// <summary>Base of the frequencies.</summary>
    /// <param name="config">Members of config.json.</param>
    /// <param name="remarks">Hears which of two bases counts.</param>
    public static double Base(JsonFields config, List<string> remarks)
    {
        double? inner = null;
        string where = "";
        foreach (string section in Sections)
        {
            if (config.OptionalObject(section) is not JsonFields rope)
            {
                continue;
            }

            RefuseScaling(config, section, rope);
            if (rope.OptionalReal("rope_theta") is double theta)
            {
                Refuse(inner is { } other && other != theta, rope, "rope_theta", $"is {theta}; {where} is {inner}: one base is expected");
                (inner, where) = (theta, $"{section}.rope_theta");
            }
        }

        double? outer = config.OptionalReal("rope_theta");
        if (inner is not null && outer is not null && inner != outer)
        {
            remarks.Add($"{config.Path}: {where} is {inner}, rope_theta outside it {outer}: the inner one counts");
        }

        return inner ?? outer ?? DefaultBase;
    }

    private static void RefuseScaling(JsonFields config, string section, JsonFields rope)
    {
        string? kind = rope.OptionalText("rope_type");
        string? older = rope.OptionalText("type");
        Refuse(kind is not null && older is not null && kind != older, rope, "rope_type", $"is \"{kind}\"; type is \"{older}\": one kind is expected");
        kind ??= older ?? "default";
        Refuse(kind != "default" && !IsNeutral(kind, rope), config, section, $"{kind} scaling of the rotary frequencies is not supported");
        Refuse((rope.OptionalReal("partial_rotary_factor") ?? 1) != 1, config, section, "partial rotary embedding is not supported");
        string? nested = rope.Members().Where(member => member.Value.ValueKind == JsonValueKind.Object).Select(member => member.Name).FirstOrDefault();
        Refuse(nested is not null, rope, nested ?? "", "rotary parameters of its own for a kind of layer are not supported");
    }

    // By their formulas these do nothing where they scale by 1, unless they also scale the attention or the base.
    private static bool IsNeutral(string kind, JsonFields rope) =>
        kind is "linear" or "dynamic" or "yarn" or "llama3"
        && rope.OptionalReal("factor") == 1
        && (rope.OptionalReal("attention_factor") ?? 1) == 1
        && (rope.OptionalReal("alpha") ?? 1) == 1;

    private static void Refuse(bool found, JsonFields fields, string name, string problem)
    {
        if (found)
        {
            throw fields.Error(name, problem);
        }
    }
}
