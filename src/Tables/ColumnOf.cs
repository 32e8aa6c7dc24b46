namespace AdaptiveKv.Tables;

/// <summary>Values that are kept in an array, one a row.</summary>
/// <param name="capacity">Rows it has room for.</param>
internal abstract class ColumnOf<T>(int capacity) : ColumnData(capacity)
{
    /// <summary>The values so far.</summary>
    public ReadOnlySpan<T> Rows => Values.AsSpan(0, Count);

    public override Type ArrayType => typeof(T[]);

    protected T[] Values { get; } = new T[capacity];

    /// <summary>Adds one row.</summary>
    public void Add(T value) => Values[Count++] = value;

    public override void Add(Array source, int start, int count)
    {
        foreach (T value in ((T[])source).AsSpan(start, count))
        {
            if (value is null)
            {
                AddNull();
            }
            else
            {
                Add(value);
            }
        }
    }

    protected override object Box(int row) => Values[row]!;
}
