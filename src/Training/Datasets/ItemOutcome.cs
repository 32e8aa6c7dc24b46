namespace AdaptiveKv.Training.Datasets;

/// <summary>How an item was answered.</summary>
/// <param name="Correct">By the teacher: the model with its cache in full precision.</param>
/// <param name="Kept">With the whole cache at each tier; null where that was not tried.</param>
internal sealed record ItemOutcome(bool Correct, IReadOnlyList<bool?> Kept)
{
    /// <summary>
    /// The published label: the cheapest tier at which the teacher's right answer stays right. Where the teacher is wrong there is nothing to
    /// keep, so the cheapest tier is; where no tier keeps the answer the dearest is. Null where a tier was not tried.
    /// </summary>
    public int? Label => Kept.Contains(null) ? null : Correct ? FirstKept() : 0;

    /// <summary>1 where a tier loses the teacher's right answer.</summary>
    public float Loss(int tier) => Correct && Kept[tier] == false ? 1f : 0f;

    private int FirstKept()
    {
        int first = 0;
        while (first < Kept.Count - 1 && Kept[first] == false)
        {
            first++;
        }

        return first;
    }
}
