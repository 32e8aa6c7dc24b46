using AdaptiveKv.Files;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Packing;
using AdaptiveKv.Inference.Templates;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>A loaded model: packed weights in own memory, and its tokenizer. Sessions share it.</summary>
public sealed class LlamaModel : IDisposable
{
    private readonly Lazy<string> sha256;
    private readonly WeightArena arena;
    private readonly Lazy<KvReach> reach;
    private readonly string? ownTemplate;
    private readonly Lazy<ChatTemplate> chatTemplate;

    private LlamaModel(ModelSource source, Arithmetic arithmetic, Action<string>? log)
    {
        FreedMemory.Keep();
        Path = source.Path;
        Shape = source.Shape;
        Arithmetic = arithmetic;
        CheckCache(Path, CacheShape);
        foreach (string note in source.Notes)
        {
            log?.Invoke(note);
        }

        Tokenizer = new Tokenizer(source.Vocabulary, source.Path);
        arena = WeightPacker.ArenaFor(source.Tensors.Values.Where(tensor => tensor.Rows > 1), arithmetic);
        WeightPacker packer = new(source.Path, arithmetic, arena, log);
        Embedding = packer.Matrix(source.Tensors["token_embd.weight"]);
        Layers = new LayerWeights[Shape.Layers];
        for (int i = 0; i < Layers.Length; i++)
        {
            ModelTensor Part(string name) => source.Tensors[$"blk.{i}.{name}.weight"];
            Layers[i] = new LayerWeights(
                packer.Vector(Part("attn_norm")),
                packer.Matrix(Part("attn_q")), packer.Matrix(Part("attn_k")), packer.Matrix(Part("attn_v")), packer.Matrix(Part("attn_output")),
                packer.Vector(Part("ffn_norm")),
                packer.Matrix(Part("ffn_gate")), packer.Matrix(Part("ffn_up")), packer.Matrix(Part("ffn_down")));
        }

        OutputNorm = packer.Vector(source.Tensors["output_norm.weight"]);
        Output = Shape.TiedOutput ? Embedding : packer.Matrix(source.Tensors["output.weight"]);
        reach = new Lazy<KvReach>(() => new KvReach(Shape, Layers));
        string path = source.Path;
        ownTemplate = source.ChatTemplate;
        chatTemplate = new Lazy<ChatTemplate>(() => Templates.ChatTemplate.Of(ownTemplate, Tokenizer, path));
        sha256 = new Lazy<string>(() =>
        {
            using ModelSource again = ModelFormats.Open(path);
            return again.Sha256;
        });
    }

    /// <summary>Where the model was loaded from.</summary>
    public string Path { get; }

    /// <summary>Hyper-parameters.</summary>
    public LlamaShape Shape { get; }

    /// <summary>How matrix products are computed.</summary>
    public Arithmetic Arithmetic { get; }

    /// <summary>Text to ids and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Whether it has a <see cref="ChatTemplate"/>.</summary>
    public bool IsChatModel => ownTemplate is not null || Templates.ChatTemplate.IsChatML(Tokenizer);

    /// <summary>How it wants conversations written: its own template, or else that of ChatML; read on first use.</summary>
    /// <exception cref="ArgumentException">It is no chat model: it has no template, and no tokens of ChatML.</exception>
    /// <exception cref="ModelFormatException">The template has a construct that is not supported; the message names file, line and construct.</exception>
    public ChatTemplate ChatTemplate => chatTemplate.Value;

    /// <summary>SHA-256 of the weights file(s), lower-case hex; computed on first use.</summary>
    public string Sha256 => sha256.Value;

    /// <summary>Threads that suit the model and the machine: one for each physical processor, as far as the widest matrices have work for them.</summary>
    public int DefaultThreads => Math.Clamp(Shape.FeedForward / QuantizedRows.BlockColumns, 1, Processors.Physical);

    /// <summary>Dimensions of a KV cache for this model.</summary>
    public CacheShape CacheShape => new(Shape.Layers, Shape.KvHeads, Shape.Heads / Shape.KvHeads, Shape.HeadDim);

    internal PackedMatrix Embedding { get; }

    internal LayerWeights[] Layers { get; }

    internal float[] OutputNorm { get; }

    internal PackedMatrix Output { get; }

    /// <summary>How large its keys and values can be; computed on first use.</summary>
    internal KvReach Reach => reach.Value;

    /// <summary>Loads and packs the weights.</summary>
    /// <param name="path">A GGUF file or a Hugging Face folder.</param>
    /// <param name="arithmetic">Float reference or int8 activations.</param>
    /// <param name="log">Receives one line per fact worth saying (a format converted on load).</param>
    /// <exception cref="ModelFormatException">The content is malformed or not a Llama architecture.</exception>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    public static LlamaModel Load(string path, Arithmetic arithmetic = Arithmetic.Int8, Action<string>? log = null)
    {
        using ModelSource source = ModelFormats.Open(path);
        return new LlamaModel(source, arithmetic, log);
    }

    private static void CheckCache(string path, CacheShape shape)
    {
        try
        {
            shape.Validate();
        }
        catch (ArgumentException error)
        {
            throw new ModelFormatException(path, "head dimension", -1, error.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        arena.Dispose();
    }
}
