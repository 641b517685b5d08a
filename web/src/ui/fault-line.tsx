/** An error message, read out as it appears; nothing if there is none. */
export const FaultLine = ({ fault }: { fault: string }) =>
  fault && (
    <p className="fault" role="alert">
      {fault}
    </p>
  )
