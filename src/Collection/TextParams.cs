using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Collection;

/// <summary>The params of stages that see what tokens of a sample's texts are worth to later predictions.</summary>
internal abstract record TextParams : SampleParams
{
    private const int LeastAnswer = 16;

    [Param("Takes what stands before an ending for a prompt: predictions of the ending alone count, and tokens before it know how many are still to come. Every second window of a plain text, by lot, is all answer but its first token; the others end in one of 16 tokens or more, drawn evenly by logarithm")]
    public bool Prompts { get; init; }

    /// <summary>Tokens of a text that are given; 0 where every prediction counts.</summary>
    public int PromptOf(EncodedItem item) => Prompts ? item.Context.Length : 0;

    /// <summary>The first prediction of a text that counts, by the token that it follows.</summary>
    public int CountedOf(EncodedItem item) => Math.Max(PromptOf(item) - 1, 0);

    /// <summary>The same text, if it is a window of a plain text, which has no prompt of its own, with one by lot.</summary>
    public EncodedItem WithPrompt(EncodedItem window)
    {
        int[] text = CollectionSample.TextOf(window);
        int most = text.Length - 1, least = Math.Min(LeastAnswer, most);
        CounterRandom random = new(CollectionSample.SeedOf(window.Item.Id, Seed));
        int answer = random.Uniform(1, 1) < 0.5 ? most : (int)(least * Math.Pow((double)most / least, random.Uniform(0, 1)));
        return new EncodedItem(window.Item, text[..^answer], [text[^answer..]]);
    }
}
