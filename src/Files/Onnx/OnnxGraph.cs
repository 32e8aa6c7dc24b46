using System.Buffers.Binary;

namespace AdaptiveKv.Files.Onnx;

/// <summary>A network in the exchange format ONNX (onnx.ai; operator set 13), written node by node. Only single-precision inputs and constants are needed here; the same calls give the same bytes.</summary>
/// <param name="name">Of the graph.</param>
public sealed class OnnxGraph(string name)
{
    private const int OperatorSet = 13;
    private const int FormatVersion = 7;

    // TensorProto.DataType and AttributeProto.AttributeType.
    private const int Float = 1;
    private const int Int64 = 7;
    private const int IntegerAttribute = 2;

    private readonly ProtobufMessage graph = new ProtobufMessage().Add(2, name);
    private int nodes;

    /// <summary>An input of any number of rows.</summary>
    /// <param name="input">Its name.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <returns>The name.</returns>
    public string Input(string input, int width) => Value(11, input, Float, width);

    /// <summary>Declares the result of a node as an output, of any number of rows.</summary>
    /// <param name="output">Its name.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="isWhole">Whether they are whole numbers of 64 bits instead of single-precision ones.</param>
    public void Output(string output, int width, bool isWhole = false) => Value(12, output, isWhole ? Int64 : Float, width);

    /// <summary>A constant.</summary>
    /// <param name="constant">Its name.</param>
    /// <param name="values">Row by row.</param>
    /// <param name="shape">Its dimensions; none for a single number.</param>
    /// <returns>The name.</returns>
    public string Constant(string constant, ReadOnlySpan<float> values, params IEnumerable<int> shape)
    {
        byte[] raw = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * sizeof(float)), values[i]);
        }

        graph.Add(5, new ProtobufMessage().AddAll(shape, (tensor, dimension) => tensor.Add(1, dimension)).Add(2, Float).Add(8, constant).Add(9, raw));
        return constant;
    }

    /// <summary>An operation.</summary>
    /// <param name="operation">Of the operator set: "Gemm".</param>
    /// <param name="result">What its result is called.</param>
    /// <param name="inputs">Names of inputs, constants and results.</param>
    /// <param name="attributes">Whole numbers by name.</param>
    /// <returns>The result's name.</returns>
    public string Node(string operation, string result, IEnumerable<string> inputs, params IEnumerable<(string Name, long Value)> attributes)
    {
        ProtobufMessage node = new ProtobufMessage().AddAll(inputs, (message, input) => message.Add(1, input)).Add(2, result).Add(3, $"{nodes++}").Add(4, operation);
        graph.Add(1, node.AddAll(attributes, (message, attribute) =>
            message.Add(5, new ProtobufMessage().Add(1, attribute.Name).Add(3, attribute.Value).Add(20, IntegerAttribute))));
        return result;
    }

    /// <summary>The whole file.</summary>
    /// <param name="producer">What wrote it.</param>
    /// <param name="version">Of the producer.</param>
    /// <param name="metadata">Texts by name.</param>
    public byte[] ToFile(string producer, string version, IEnumerable<(string Key, string Value)> metadata) => new ProtobufMessage()
        .Add(1, FormatVersion)
        .Add(2, producer)
        .Add(3, version)
        .Add(7, graph)
        .Add(8, new ProtobufMessage().Add(1, string.Empty).Add(2, OperatorSet))
        .AddAll(metadata, (model, text) => model.Add(14, new ProtobufMessage().Add(1, text.Key).Add(2, text.Value)))
        .ToArray();

    // A ValueInfoProto: its type is a tensor of [rows, width].
    private string Value(int field, string value, int type, int width)
    {
        ProtobufMessage shape = new ProtobufMessage().Add(1, new ProtobufMessage().Add(2, "rows")).Add(1, new ProtobufMessage().Add(1, width));
        graph.Add(field, new ProtobufMessage().Add(1, value).Add(2, new ProtobufMessage().Add(1, new ProtobufMessage().Add(1, type).Add(2, shape))));
        return value;
    }
}
