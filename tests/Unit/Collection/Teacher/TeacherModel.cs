using AdaptiveKv.Collection.Teacher;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Unit.Torch;
using TorchSharp;

namespace AdaptiveKv.Unit.Collection.Teacher;

/// <summary>The Torch teacher of a model file, on the CPU; a test that asks for it is skipped, with the reason, where there is no libtorch.</summary>
internal static class TeacherModel
{
    public static TorchLlama Open(string path)
    {
        TorchHere.Require();
        using ModelSource source = ModelFormats.Open(path);
        return new TorchLlama(source, torch.CPU);
    }

    /// <summary>[tokens][vocabulary].</summary>
    public static float[][] Read(this TorchLlama teacher, int[] tokens, Func<int, KvShift?>? shift = null)
    {
        using torch.Tensor logits = teacher.Logits(tokens.AsSpan(), shift);
        return [.. logits.contiguous().data<float>().ToArray().Chunk(teacher.Shape.Vocabulary)];
    }
}
