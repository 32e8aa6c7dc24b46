using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Scoring.Tasks;

/// <summary>Whether a sample can be had of a file, as <see cref="EncodedSample.Read"/> will find; without running the model.</summary>
public static class SampleCheck
{
    /// <summary>What is wrong with the numbers of a sample, by the name of the number.</summary>
    /// <param name="data">Items, or a plain text.</param>
    /// <param name="takesText">Whether a plain text will do.</param>
    /// <param name="skip">As in <see cref="EncodedSample.Read"/>.</param>
    /// <param name="limit">As there.</param>
    /// <param name="seed">As there.</param>
    /// <param name="shots">Number of shots.</param>
    /// <param name="shotItems">The file of the shots; null for the sample's own.</param>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public static IEnumerable<(string Number, string Problem)> Faults(string data, bool takesText, int skip, int limit, ulong seed, int shots, string? shotItems)
    {
        if (takesText && !ItemFile.IsOne(data))
        {
            return shots > 0 ? [("shots", EncodedSample.NoShots(data))] : [];
        }

        ItemFile file = ItemFile.Read(data);
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

    /// <summary>What is wrong with the numbers of a calibration, by the name of the number, as <see cref="CalibrationSequences.Draw"/> will find.</summary>
    /// <param name="model">The model; its weights are not read.</param>
    /// <param name="data">Items, or a plain text; null where it is not there yet.</param>
    /// <param name="tokens">As there.</param>
    /// <param name="window">As there.</param>
    /// <param name="seed">As there.</param>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public static IEnumerable<(string Number, string Problem)> Calibration(string model, string? data, int tokens, int window, ulong seed)
    {
        if (ContextProblem(model, window) is { } problem)
        {
            return [("window", problem)];
        }

        if (data is null)
        {
            return [];
        }

        _ = ItemFile.IsOne(data) ? ItemFile.Read(data).Path : TextFile.Read(data).Path;
        try
        {
            using ModelSource source = ModelSource.Open(model);
            Tokenizer tokenizer = new(source.Vocabulary, model);
            _ = CalibrationSequences.Draw(data, text => tokenizer.Encode(text), tokens, window, seed);
            return [];
        }
        catch (InvalidDataException exception)
        {
            return [("tokens", exception.Message)];
        }
    }

    /// <summary>Says of a number of tokens that it is more than a model's context holds; null if it is not.</summary>
    /// <param name="model">The model; only its header is read.</param>
    /// <param name="tokens">Tokens of the longest sequence.</param>
    public static string? ContextProblem(string model, long tokens)
    {
        using ModelSource source = ModelSource.Open(model);
        return tokens > source.Shape.ContextLength ? $"{tokens} tokens are more than the {source.Shape.ContextLength} that the model's context holds" : null;
    }
}
