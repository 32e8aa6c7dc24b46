namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>
/// Names of the tensor types that GGUF defines and this program does not read, so that a refusal can say what a file holds.
/// </summary>
internal static class GgufTypeNames
{
    private static readonly Dictionary<uint, string> Unread = new()
    {
        [9] = "Q8_1", [10] = "Q2_K", [11] = "Q3_K", [15] = "Q8_K", [16] = "IQ2_XXS", [17] = "IQ2_XS", [18] = "IQ3_XXS", [19] = "IQ1_S",
        [20] = "IQ4_NL", [21] = "IQ3_S", [22] = "IQ2_S", [23] = "IQ4_XS", [24] = "I8", [25] = "I16", [26] = "I32", [27] = "I64",
        [28] = "F64", [29] = "IQ1_M", [34] = "TQ1_0", [35] = "TQ2_0", [39] = "MXFP4",
    };

    private static readonly HashSet<uint> Removed = [4, 5, 31, 32, 33, 36, 37, 38];

    /// <summary>Why a tensor of type <paramref name="id"/> is refused, and what to do.</summary>
    public static string Refusal(uint id) =>
        Removed.Contains(id) ? $"tensor type {id} was removed from GGUF; convert the model again with a current converter"
        : Unread.TryGetValue(id, out string? name) ?
            $"tensor type {name} cannot be read; use one of {string.Join(", ", Enum.GetNames<TensorType>())}"
        : $"tensor type {id} is unknown";
}
