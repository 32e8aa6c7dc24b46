using System.Globalization;

namespace AdaptiveKv.Data.Tasks;

/// <summary>Whether a sample can be had of a file, as <see cref="EncodedSample.Read"/> will find; without running the model.</summary>
public static class SampleCheck
{
    /// <summary>What is wrong with the numbers of a sample, by the name of the number.</summary>
    /// <param name="data">Items, or a plain text.</param>
    /// <param name="takesText">Whether a plain text will do.</param>
    /// <param name="part">As in <see cref="EncodedSample.Read"/>.</param>
    /// <param name="skip">As in <see cref="EncodedSample.Read"/>.</param>
    /// <param name="limit">As there.</param>
    /// <param name="seed">As there.</param>
    /// <param name="shots">Number of shots.</param>
    /// <param name="shotItems">The file of the shots; null for the sample's own.</param>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public static IEnumerable<(string Number, string Problem)> Faults(string data, bool takesText, IReadOnlyList<double> part, int skip, int limit, ulong seed, int shots, string? shotItems)
    {
        if (part is not [double from, double to] || from >= to)
        {
            return [("part", $"is [{string.Join(", ", part.Select(share => share.ToString(CultureInfo.InvariantCulture)))}]: expected two shares, the second above the first, such as [0, 0.75]")];
        }

        if (takesText && !ItemFile.IsOne(data))
        {
            return shots > 0 ? [("shots", EncodedSample.NoShots(data))] : [];
        }

        ItemFile file = ItemFile.Read(data);
        if (part is not [0, 1])
        {
            return [("part", $"is of a plain text, and {data} has items: leave it out, and take skip and limit")];
        }

        string number = "skip";
        try
        {
            IReadOnlyList<MultipleChoiceItem> items = ItemSample.Part(file.Items, skip, limit, seed);
            number = "shots";
            _ = Shots.From(shotItems, shots, seed)?.Invoke(file, items);
            return [];
        }
        catch (ArgumentException exception)
        {
            return [(number, exception.Message)];
        }
    }
}
