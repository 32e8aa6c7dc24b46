using System.Globalization;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Translates the tensor names of a Hugging Face Llama checkpoint to canonical ones.</summary>
internal static class FolderTensorNames
{
    private const string LayerPrefix = "model.layers.";

    private static readonly Dictionary<string, string> Global = new()
    {
        ["model.embed_tokens.weight"] = LlamaTensors.Embedding,
        ["model.norm.weight"] = LlamaTensors.OutputNorm,
        ["lm_head.weight"] = LlamaTensors.Output,
    };

    private static readonly Dictionary<string, string> InLayer = new()
    {
        ["input_layernorm.weight"] = "attn_norm.weight",
        ["self_attn.q_proj.weight"] = "attn_q.weight",
        ["self_attn.k_proj.weight"] = "attn_k.weight",
        ["self_attn.v_proj.weight"] = "attn_v.weight",
        ["self_attn.o_proj.weight"] = "attn_output.weight",
        ["post_attention_layernorm.weight"] = "ffn_norm.weight",
        ["mlp.gate_proj.weight"] = "ffn_gate.weight",
        ["mlp.up_proj.weight"] = "ffn_up.weight",
        ["mlp.down_proj.weight"] = "ffn_down.weight",
    };

    /// <summary>The canonical name; an unknown name stays as it is, for the check of the whole set to refuse.</summary>
    public static string Canonical(string name)
    {
        if (Global.TryGetValue(name, out string? canonical))
        {
            return canonical;
        }

        int dot = name.IndexOf('.', Math.Min(name.Length, LayerPrefix.Length));
        return name.StartsWith(LayerPrefix, StringComparison.Ordinal)
            && dot > 0
            && int.TryParse(
                name.AsSpan(LayerPrefix.Length, dot - LayerPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int layer)
            && InLayer.TryGetValue(name[(dot + 1)..], out canonical)
                ? $"blk.{layer}.{canonical}"
                : name;
    }

    /// <summary>Whether a tensor is left out: old checkpoints store the rotary frequencies, which follow from the base.</summary>
    public static bool IsDerived(string name) => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
}
