namespace AdaptiveKv.Data.Tasks;

/// <summary>Indices of the endings that lm-evaluation-harness's three measures choose; the first of equals.</summary>
/// <param name="Sum">acc: the largest log-likelihood.</param>
/// <param name="PerCharacter">acc_norm: the largest log-likelihood per character.</param>
/// <param name="PerByte">acc_bytes: the largest log-likelihood per UTF-8 byte.</param>
public readonly record struct EndingChoice(int Sum, int PerCharacter, int PerByte)
{
    /// <summary>Chooses.</summary>
    /// <param name="item">The item.</param>
    /// <param name="logLikelihood">Summed natural log-likelihood per ending.</param>
    public static EndingChoice Of(EncodedItem item, IReadOnlyList<double> logLikelihood) =>
        new(Largest(logLikelihood), Largest([.. logLikelihood.Zip(item.EndingCharacters, (sum, length) => sum / length)]), Largest([.. logLikelihood.Zip(item.EndingBytes, (sum, length) => sum / length)]));

    private static int Largest(IReadOnlyList<double> values) => values.Index().MaxBy(value => value.Item).Index;
}
