using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Collection;

/// <summary>The params of stages that see what tokens of a sample's texts are worth to later predictions.</summary>
internal abstract record TextParams : SampleParams
{
    private const int LeastAnswer = 16;
    private const int LeastText = 2; // One token has no prediction behind it.

    [Param("Takes what stands before an ending for a prompt: predictions of the ending alone count, and tokens before it know how many are still to come. Every second window of a plain text, by lot, is all answer but its first token; the others end in one of 16 tokens or more, drawn evenly by logarithm")]
    public bool Prompts { get; init; }

    [Param("Cuts every window of a plain text at its end, to a length drawn evenly by logarithm from this to the whole window; 0 leaves all whole", Minimum = 0, Unit = "tokens")]
    public int Shortest { get; init; }

    /// <summary>Tokens of a text that are given; 0 where every prediction counts.</summary>
    public int PromptOf(EncodedItem item) => Prompts ? item.Context.Length : 0;

    /// <summary>The first prediction of a text that counts, by the token that it follows.</summary>
    public int CountedOf(EncodedItem item) => Math.Max(PromptOf(item) - 1, 0);

    /// <summary>A window of a plain text as the params want it: of a length by lot, with a prompt by lot, for it has none of its own.</summary>
    public EncodedItem Cut(EncodedItem window)
    {
        int[] text = CollectionSample.TextOf(window);
        CounterRandom random = new(CollectionSample.SeedOf(window.Item.Id, Seed));
        int length = Shortest == 0 ? text.Length : EvenByLogarithm(Math.Clamp(Shortest, LeastText, text.Length), text.Length, random.Uniform(0, 2));
        int most = length - 1;
        int answer = !Prompts || random.Uniform(1, 1) < 0.5 ? most : EvenByLogarithm(Math.Min(LeastAnswer, most), most, random.Uniform(0, 1));
        return new EncodedItem(window.Item, text[..(length - answer)], [text[(length - answer)..length]]);
    }

    private static int EvenByLogarithm(int least, int most, double uniform) => (int)(least * Math.Pow((double)most / least, uniform));
}
